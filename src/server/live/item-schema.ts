/** Requests and answers of the live items' routes (seed 004). */
import { type TSchema, Type } from '@sinclair/typebox';
import { present } from '../../core/assert.ts';
import { MICROS_PER_UNIT } from '../../core/money.ts';
import { DEFINITION_LIMIT } from '../../live/rule/definition.ts';
import { REFUSALS } from '../../live/rule/item.ts';
import { LIVE_LIMIT } from '../../live/rule/limit.ts';
import { Count, characters, Id, Money, Timestamp, UserId } from '../http/schema.ts';

function orNull<Schema extends TSchema>(schema: Schema, description = schema.description ?? '') {
  return Type.Union([schema, Type.Null()], { description });
}

/** A field that may be left out or null. */
function optional<Schema extends TSchema>(schema: Schema) {
  return Type.Optional(orNull(schema));
}

const MOST_UNITS = LIVE_LIMIT.priceMicros / MICROS_PER_UNIT;

/** An amount that is something: a bid, a price, an increment. */
export const PositiveAmount = Type.Number({
  exclusiveMinimum: 0,
  maximum: MOST_UNITS,
  description: `an amount in currency units above 0 and up to ${MOST_UNITS} with at most 6 decimals`,
});

const CurrencyCode = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'a currency code of ISO 4217, such as EUR',
});

export const IdempotencyKey = Type.String({
  pattern: present(Id.pattern, 'the pattern of an id'),
  description: 'a key of 1 to 128 characters of A-Z a-z 0-9 _ . : -, but not . or ..',
});

export const ItemBidRequest = Type.Object(
  {
    user_id: Type.Optional(UserId),
    amount: optional(PositiveAmount),
    max_amount: optional(PositiveAmount),
    buy_now: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  {
    title: 'ItemBidRequest',
    description: 'an object with user_id and amount',
    examples: [{ user_id: 'ann', amount: 12.5 }],
  },
);

const bidFacts = {
  message: Type.String({ description: 'one sentence for a person' }),
  currency: CurrencyCode,
  current_bid: Money,
  your_bid: orNull(Money, 'the current bid while it is yours, else the amount that you sent'),
  is_highest: Type.Boolean({ description: 'whether you lead now' }),
  minimum_next_bid: orNull(Money, 'the next amount that would do, null when none would'),
  seq: Count,
  epoch: Type.String({ description: 'names the history that seq counts in' }),
  ends_at: orNull(Timestamp, 'the end in force, null when it is closed by hand only'),
  reserve_met: Type.Boolean(),
};

export const BidAccepted = Type.Object(
  {
    success: Type.Literal(true),
    ...bidFacts,
    event_id: orNull(Id, "the bid's event; null when only your maximum rose: the price did not"),
    bid_id: Id,
    outbid_by_proxy: Type.Boolean({ description: "another bidder's maximum answered at once" }),
    ended: Type.Boolean({ description: 'whether this bid ended the item (buy now)' }),
  },
  { title: 'BidAccepted' },
);

export const BidRefused = Type.Object(
  {
    success: Type.Literal(false),
    code: Type.Union(
      REFUSALS.filter((code) => code !== 'amount_too_fine').map((code) => Type.Literal(code)),
    ),
    ...bidFacts,
  },
  { title: 'BidRefused' },
);

export const ITEM_STATUSES = ['scheduled', 'active', 'ended'] as const;

export const ItemStatusName = Type.Union(
  ITEM_STATUSES.map((status) => Type.Literal(status)),
  { description: `one of ${ITEM_STATUSES.join(', ')}` },
);

const MASKED =
  'the id of a bidder; where the item masks them, an alias of 8 characters unless it is your own';

export const Item = Type.Object(
  {
    id: Id,
    name: Type.String(),
    currency: CurrencyCode,
    current_bid: Money,
    highest_bidder_id: orNull(Type.String(), MASKED),
    status: ItemStatusName,
    outcome: orNull(Type.String(), 'sold, passed or reserve-not-met; null until it has ended'),
    seq: Count,
    epoch: Type.String(),
    start_price: Money,
    minimum_next_bid: orNull(Money, 'the next amount that would do, null when none would'),
    buy_now_price: orNull(Money, 'null when it cannot be had (any more)'),
    reserve_met: Type.Boolean(),
    bid_count: Count,
    opens_at: orNull(Timestamp, 'null is at once'),
    ends_at: orNull(Timestamp, 'null is by hand only'),
    server_time: Timestamp,
  },
  { title: 'Item' },
);

export const Items = Type.Object(
  {
    items: Type.Array(Item),
    next_after: orNull(Id, 'what to send as after for the next page, null on the last'),
  },
  { title: 'Items' },
);

/** Registered nowhere: what the parser takes is checked when the time is read. */
const Time = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?([Zz]|[+-]\\d{2}:\\d{2})$',
  description: 'a time in ISO 8601 with its zone, such as 2026-01-31T12:00:00Z',
});

const SOFT_CLOSE_SECONDS = DEFINITION_LIMIT.softCloseMs / 1000;
const Seconds = Type.Integer({
  minimum: 1,
  maximum: SOFT_CLOSE_SECONDS,
  description: `a whole number of seconds from 1 to ${SOFT_CLOSE_SECONDS}`,
});

const MOST_PERCENT = DEFINITION_LIMIT.incrementBasisPoints / 100;

const Increment = Type.Union(
  [
    Type.Object({ type: Type.Literal('fixed'), amount: PositiveAmount }),
    Type.Object({
      type: Type.Literal('percent'),
      percent: Type.Number({
        exclusiveMinimum: 0,
        maximum: MOST_PERCENT,
        description: `percent of the price above 0 and up to ${MOST_PERCENT} with at most 2 decimals`,
      }),
      least: PositiveAmount,
    }),
    Type.Object({
      type: Type.Literal('ladder'),
      steps: Type.Array(Type.Object({ below: orNull(PositiveAmount), increment: PositiveAmount }), {
        minItems: 1,
        maxItems: DEFINITION_LIMIT.ladderSteps,
      }),
    }),
  ],
  {
    description:
      '{"type":"fixed","amount"}, {"type":"percent","percent","least"} or ' +
      '{"type":"ladder","steps":[{"below","increment"}]} whose last below is null',
  },
);

export const ItemRequest = Type.Object(
  {
    id: Id,
    name: optional(characters(DEFINITION_LIMIT.nameCharacters)),
    currency: optional(CurrencyCode),
    start_price: optional(PositiveAmount),
    increment: optional(Increment),
    reserve_price: optional(PositiveAmount),
    buy_now_price: optional(PositiveAmount),
    proxy: optional(Type.Boolean({ description: 'true or false' })),
    soft_close: optional(
      Type.Object(
        { window_seconds: Seconds, extend_seconds: Seconds, absolute_end: optional(Time) },
        {
          description: `an object with window_seconds and extend_seconds of 1 to ${SOFT_CLOSE_SECONDS} whole seconds`,
        },
      ),
    ),
    opens_at: optional(Time),
    ends_at: optional(Time),
    mask_bidders: optional(Type.Boolean({ description: 'true or false' })),
  },
  {
    title: 'ItemRequest',
    description: 'an object with id',
    examples: [
      { id: 'lamp', name: 'A lamp', start_price: 10, increment: { type: 'fixed', amount: 1 } },
    ],
  },
);

export const RetractRequest = Type.Object(
  { bid_id: Id },
  { title: 'RetractRequest', description: 'an object with bid_id' },
);

export const RemoveBidderRequest = Type.Object(
  { user_id: UserId, ban: optional(Type.Boolean({ description: 'true or false' })) },
  {
    title: 'RemoveBidderRequest',
    description: 'an object with user_id',
    examples: [{ user_id: 'ann', ban: true }],
  },
);

const eventHead = {
  event_id: Id,
  item_id: Id,
  timestamp: Timestamp,
  seq: Count,
  epoch: Type.String(),
  currency: CurrencyCode,
};
const ShownUserId = Type.String({ description: MASKED });

export const BidMade = Type.Object(
  {
    type: Type.Literal('bid'),
    ...eventHead,
    bid_id: Id,
    user_id: ShownUserId,
    amount: Money,
    previous_bid: Money,
    by_proxy: Type.Boolean({ description: "the leader's maximum answered the bid that it outbid" }),
    beaten_user_id: orNull(ShownUserId, 'whose bid the leader outbid at once'),
    reserve_met: Type.Boolean(),
    ends_at: orNull(Timestamp),
  },
  { title: 'BidMade' },
);

export const BidRetracted = Type.Object(
  {
    type: Type.Literal('retract'),
    ...eventHead,
    retracted_bid_id: orNull(Id, 'null when a bidder was removed'),
    removed_user_id: orNull(UserId, 'whose bids no longer count, null when it is one bid'),
    current_bid: Money,
    highest_bidder_id: orNull(ShownUserId),
    reserve_met: Type.Boolean(),
  },
  { title: 'BidRetracted' },
);

export const ItemClosed = Type.Object(
  {
    type: Type.Literal('close'),
    ...eventHead,
    outcome: Type.String({ description: 'sold, passed or reserve-not-met' }),
    winner_id: orNull(ShownUserId),
    current_bid: Money,
  },
  { title: 'ItemClosed' },
);

export const History = Type.Object(
  {
    events: Type.Array(Type.Union([BidMade, BidRetracted, ItemClosed])),
    missing: Type.Optional(
      Type.Array(Count, {
        description: 'seqs of this page that were decided and are not in the archive (yet)',
      }),
    ),
    next_after_seq: orNull(Count, 'what to send as after_seq for the next page, null at the end'),
  },
  { title: 'History' },
);
