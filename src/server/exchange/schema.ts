/** Requests and answers of the exchange's routes (seeds 000 to 003). */
import { Type } from '@sinclair/typebox';
import { COUNTRY_ALLOWED } from '../../exchange/rule/country.ts';
import { EXCHANGE_LIMIT } from '../../exchange/rule/limit.ts';
import { UNSOLD_REASONS } from '../../exchange/rule/unsold.ts';
import { Amount, Count, Id, Money, Timestamp } from '../http/schema.ts';

export const EXCHANGE_TAG = 'Exchange';

/** As a request gives it; which codes there are is a rule of the exchange. */
export const Country = Type.String({
  pattern: '^([A-Za-z][A-Za-z0-9])?$',
  description: COUNTRY_ALLOWED,
  examples: ['US'],
});

const CountryCode = Type.String({
  pattern: '^[A-Z]{2}$',
  description: 'a country as two letters (ISO 3166-1 alpha-2)',
});

const Tmax = Type.Integer({
  minimum: 1,
  maximum: EXCHANGE_LIMIT.tmaxMs,
  description: `a whole number of milliseconds from 1 to ${EXCHANGE_LIMIT.tmaxMs}`,
});

export const AuctionRequest = Type.Object(
  {
    supply_id: Id,
    ip: Type.Optional(
      Type.String({ minLength: 2, maxLength: 45, description: "the user's IPv4 or IPv6 address" }),
    ),
    country: Type.Optional(Country),
    tmax: Type.Optional(Tmax),
  },
  {
    title: 'BidRequest',
    description: 'an object with supply_id',
    examples: [{ supply_id: 'supply1', country: 'US', tmax: 200 }],
  },
);

export const AuctionReply = Type.Object(
  {
    winner: Type.Union([Id, Type.Null()], {
      description: 'the winning bidder, null when nobody won',
    }),
    price: Type.Union([Money, Type.Null()], {
      description: 'the clearing price in currency units',
    }),
    auction_id: Id,
  },
  { title: 'BidReply' },
);

const BatchId = Type.Union([Id, Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })], {
  description: 'an id: a whole number, or 1 to 128 characters of A-Z a-z 0-9 _ . : -',
});

export const BatchRequest = Type.Object(
  {
    bidders: Type.Array(Type.Object({ id: BatchId, bid_floor: Amount }), {
      minItems: 1,
      maxItems: EXCHANGE_LIMIT.biddersPerAuction,
      description: `1 to ${EXCHANGE_LIMIT.biddersPerAuction} bidders, each with id and bid_floor`,
    }),
    supplies: Type.Array(Type.Object({ id: BatchId, floor_price: Amount }), {
      minItems: 1,
      maxItems: EXCHANGE_LIMIT.suppliesPerAuction,
      description: `1 to ${EXCHANGE_LIMIT.suppliesPerAuction} supplies, each with id and floor_price`,
    }),
    tmax: Type.Optional(Tmax),
  },
  {
    title: 'BatchRequest',
    description: 'an object with bidders and supplies',
    examples: [
      { bidders: [{ id: 1, bid_floor: 100 }], supplies: [{ id: 1, floor_price: 50 }], tmax: 200 },
    ],
  },
);

const UnsoldReasonName = Type.Union(
  UNSOLD_REASONS.map((reason) => Type.Literal(reason)),
  { description: `${UNSOLD_REASONS.join(', ')}: mixed when bidders failed in several ways` },
);

export const BatchReply = Type.Object(
  {
    auction_id: Id,
    winning_bids: Type.Array(
      Type.Object({ bidder_id: BatchId, supply_id: BatchId, amount: Money }),
    ),
    total_revenue: Money,
    timestamp: Timestamp,
    unsold: Type.Optional(
      Type.Array(Type.Object({ supply_id: BatchId, reason: UnsoldReasonName }), {
        description: 'why supplies were not sold; left out when all were',
      }),
    ),
  },
  { title: 'BatchReply' },
);

export const Supplies = Type.Array(Type.Object({ id: Id }), { title: 'Supplies' });

const BidderStat = Type.Object({
  wins: Count,
  total_revenue: Money,
  no_bids: Count,
  timeouts: Count,
});

export const SupplyStats = Type.Record(
  Type.String(),
  Type.Object({
    total_reqs: Count,
    reqs_per_country: Type.Record(Type.String(), Count, {
      description: 'auctions by country; "unknown" when the request did not say',
    }),
    bidders: Type.Record(Type.String(), BidderStat),
  }),
  { title: 'SupplyStats', description: 'by supply id' },
);

export const Totals = Type.Object(
  {
    total_auctions: Count,
    total_revenue: Money,
    top_bidders: Type.Array(
      Type.Object({
        bidder_id: BatchId,
        total_spent: Money,
        auction_count: Type.Integer({ description: 'auctions in which it won something' }),
      }),
    ),
    top_supplies: Type.Array(
      Type.Object({
        supply_id: BatchId,
        total_revenue: Money,
        auction_count: Type.Integer({ description: 'auctions that it was sold in or offered in' }),
      }),
    ),
  },
  { title: 'Totals' },
);

export const StatSource = Type.Union([Type.Literal('live'), Type.Literal('archive')], {
  description: 'live or archive',
});

const BidderEnd = Type.Object({
  bidder_id: Id,
  answer: Type.Union([
    Type.Literal('bid'),
    Type.Literal('no-bid'),
    Type.Literal('timeout'),
    Type.Literal('error'),
  ]),
  price: Type.Union([Money, Type.Null()], { description: 'what it bid, null without a bid' }),
  latency_ms: Type.Number({ description: 'milliseconds from the call to the answer' }),
  state: Type.String({ description: 'won, lost, rejected, no-bid, timeout or error' }),
  reason: Type.String({ description: 'why it ended so' }),
  iab_code: Type.Integer({ description: 'the nearest OpenRTB loss or no-bid reason code' }),
});

export const AuctionReport = Type.Object(
  {
    auction_id: Id,
    kind: Type.String({ description: 'supply (POST /bid) or batch (POST /api/v1/bid)' }),
    timestamp: Timestamp,
    tmax_ms: Type.Integer(),
    seed: Type.Integer({ description: 'decides ties of price and time' }),
    catalog_version: Type.Integer(),
    impressions: Type.Array(
      Type.Object({
        supply_id: Id,
        country: Type.Union([CountryCode, Type.Null()]),
        floor: Money,
        auction_type: Type.String({ description: 'first-price or second-price' }),
        increment: Money,
        winner: Type.Union([Id, Type.Null()]),
        price: Type.Union([Money, Type.Null()]),
        bidders: Type.Array(BidderEnd),
      }),
    ),
  },
  { title: 'AuctionReport' },
);
