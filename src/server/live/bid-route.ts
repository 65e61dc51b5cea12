/**
 * Bidding on a live item (seed 004).
 *
 * What a bid is answered is decided and durable. A maximum is taken here and never given back.
 */
import type { Static } from '@sinclair/typebox';
import { present } from '../../core/assert.ts';
import { isId, isUserId } from '../../core/id.ts';
import { type Micros, microsFromDecimal } from '../../core/money.ts';
import type { Live } from '../../live/live.ts';
import {
  IDEMPOTENCY_KEYS,
  type PlaceAnswer,
  type PlaceRequest,
} from '../../live/port/item-book.ts';
import type { RefusedAnswer } from '../../live/rule/answer.ts';
import { decimalsOf, findCurrency } from '../../live/rule/currency.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { jsonWithStatus } from '../http/reply.ts';
import { pathId, type Route } from '../http/route.ts';
import { UserId } from '../http/schema.ts';
import type { Identity } from './identity.ts';
import { acceptedJson, refusedJson } from './item-json.ts';
import { BIDDER_TOKEN, ITEM_ID, ITEM_TAG, itemNotFound } from './item-path.ts';
import {
  BidAccepted,
  BidRefused,
  IdempotencyKey,
  ItemBidRequest,
  PositiveAmount,
} from './item-schema.ts';
import type { UserLimit } from './user-limit.ts';

export type BidRouteParts = {
  readonly live: Live;
  readonly identity: Identity;
  readonly userLimit: UserLimit;
};

export function bidRoute({ live, identity, userLimit }: BidRouteParts): Route {
  const readBody = createBodyReader(ItemBidRequest);
  return {
    method: 'POST',
    path: '/api/v1/items/:id/bid',
    tag: ITEM_TAG,
    isForPages: true,
    summary: 'Bids on an item',
    description:
      '`amount` is the visible bid, `max_amount` the most that the platform may bid for you, in ' +
      'secret; either will do. `buy_now` asks for the item at its buy-now price. With tokens ' +
      '(AUTH_MODE=jwt) the bidder is the subject and `user_id` may be left out. The same ' +
      'Idempotency-Key (in quotes or without) of the same user and item gets the same answer for a day at ' +
      `least; ${IDEMPOTENCY_KEYS} keys of a user are kept per item.`,
    parameters: [
      ITEM_ID,
      BIDDER_TOKEN,
      {
        in: 'header',
        name: 'Idempotency-Key',
        description: 'makes a repeated request harmless',
        schema: IdempotencyKey,
      },
    ],
    body: ItemBidRequest,
    success: { description: 'The bid was taken.', schema: BidAccepted },
    refused: {
      status: 409,
      description:
        'A rule refused the bid. With the header Gavel-Cached: true this node refused it by what it ' +
        'had seen at that seq, without asking the book.',
      schema: BidRefused,
    },
    refusals: {
      400: ['malformed_json', 'invalid_request'],
      401: ['unauthorized'],
      403: ['forbidden'],
      404: ['item_not_found'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      422: ['idempotency_key_reused'],
      429: ['rate_limit_exceeded', 'too_many_idempotency_keys'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      const { request } = call;
      const itemId = pathId(call);
      const idempotencyKey = idempotencyKeyOf(request);
      const body = await readBody(request);
      const amounts = amountsOf(body);
      const bidder = identity.bidderOf(request, claimedIdOf(body));
      const userId = typeof bidder === 'string' ? bidder : await bidder;
      const passed = userLimit(userId);
      if (passed !== undefined) await passed;
      const bid: PlaceRequest = { itemId, userId, idempotencyKey, ...amounts };
      return bidReply(await live.placeBid(bid), itemId, body.amount ?? null);
    },
  };
}

function refusedReply(answer: RefusedAnswer, amount: number | null): Response {
  const reply = jsonWithStatus(409, refusedJson(answer, amount));
  if (answer.cached === true) reply.headers.set('gavel-cached', 'true');
  return reply;
}

function bidReply(answer: PlaceAnswer, itemId: string, amount: number | null): Response {
  switch (answer.kind) {
    case 'accepted':
      return jsonWithStatus(200, acceptedJson(answer, amount));
    case 'refused':
      if (answer.code === 'amount_too_fine') throw tooFine(answer.currency);
      return refusedReply(answer, amount);
    case 'unknown-item':
      throw itemNotFound(itemId);
    case 'idempotency-key-reused':
      throw new HttpError(422, 'idempotency_key_reused', {
        message: 'This Idempotency-Key was used for another bid on this item.',
      });
    case 'too-many-keys':
      throw new HttpError(429, 'too_many_idempotency_keys', {
        message: `You have used ${IDEMPOTENCY_KEYS} keys on this item within a day: bid without one.`,
      });
  }
}

function tooFine(code: string): HttpError {
  const currency = present(findCurrency(code), 'the currency of an item');
  const decimals = decimalsOf(currency);
  return invalid(`amount, max_amount: expected at most ${decimals} decimals in ${code}.`);
}

function idempotencyKeyOf(request: Request): string | null {
  const header = request.headers.get('idempotency-key');
  // The draft of the IETF writes it as a string of a structured field, in quotes.
  const key = header?.replace(/^"(.*)"$/, '$1') ?? null;
  if (key === null || isId(key)) return key;
  throw invalid(`Idempotency-Key: expected ${IdempotencyKey.description}.`);
}

type BidBody = Static<typeof ItemBidRequest>;

/** @throws HttpError 400: a schema cannot count bytes. */
function claimedIdOf({ user_id: claimedId }: BidBody): string | undefined {
  if (claimedId === undefined || isUserId(claimedId)) return claimedId;
  throw invalid(`user_id: expected ${UserId.description}.`);
}

function amountsOf({ amount, max_amount, buy_now = false }: BidBody) {
  const amountMicros = exactMicros(amount, 'amount');
  const maxMicros = exactMicros(max_amount, 'max_amount');
  if (amountMicros === null && maxMicros === null && !buy_now) {
    throw invalid(`amount: expected ${PositiveAmount.description}.`);
  }
  return { amountMicros, maxMicros, buyNow: buy_now };
}

/** @throws HttpError 400 when the amount has no whole number of micros above zero. */
function exactMicros(amount: number | null | undefined, place: string): Micros | null {
  if (amount === null || amount === undefined) return null;
  const value = microsFromDecimal(amount);
  if (value === undefined) throw invalid(`${place}: expected ${PositiveAmount.description}.`);
  return value;
}
