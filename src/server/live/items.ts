/**
 * Live items: reading one, bidding on it, the list and the history (seed 004).
 *
 * What a bid is answered is decided and durable. A maximum and a reserve are taken here and never
 * given back. Bidders are masked where their item says so, all but the one who proves to be it.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { Clock } from '../../core/clock.ts';
import { isId } from '../../core/id.ts';
import { LIMIT } from '../../core/limit.ts';
import { type Micros, microsFromDecimal } from '../../core/money.ts';
import type { BidRequest, Live } from '../../live/live.ts';
import type { PlaceAnswer } from '../../live/port/item-book.ts';
import { eventView } from '../../live/rule/event-view.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { json, jsonWithStatus } from '../http/reply.ts';
import {
  idQuery,
  integerQuery,
  type Parameter,
  pathId,
  queryOf,
  type Route,
} from '../http/route.ts';
import { Id, PositiveAmount } from '../http/schema.ts';
import type { Identity } from './identity.ts';
import {
  BidAccepted,
  BidRefused,
  History,
  IdempotencyKey,
  ITEM_STATUSES,
  Item,
  ItemBidRequest,
  ItemStatusName,
  Items,
} from './schema.ts';
import type { UserLimit } from './user-limit.ts';
import { acceptedView, itemView, refusedView } from './view.ts';

const TAG = 'Live items';
const DEFAULT_PAGE = 100;

export const ITEM_ID: Parameter = {
  in: 'path',
  name: 'id',
  description: 'the id of the item',
  schema: Id,
};

export type ItemRouteParts = {
  readonly live: Live;
  readonly identity: Identity;
  readonly userLimit: UserLimit;
  readonly clock: Clock;
};

export function itemRoutes(parts: ItemRouteParts): Route[] {
  return [readItem(parts), placeBid(parts), listItems(parts), readHistory(parts)];
}

export function itemNotFound(itemId: string): HttpError {
  return new HttpError(404, 'item_not_found', { message: `There is no item "${itemId}".` });
}

function readItem({ live, identity, clock }: ItemRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/items/:id',
    tag: TAG,
    summary: 'Shows an item',
    description: 'An unknown item is opened at once while ITEMS_AUTO_CREATE is on.',
    parameters: [ITEM_ID],
    success: { description: 'The item as it was last decided.', schema: Item },
    refusals: {
      400: ['invalid_request'],
      401: ['unauthorized'],
      404: ['item_not_found'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      const itemId = pathId(call);
      const shown = await live.readItem(itemId, await identity.viewerOf(call.request));
      if (shown === null) throw itemNotFound(itemId);
      return json(itemView(shown.view, clock.nowMs()));
    },
  };
}

function placeBid({ live, identity, userLimit }: ItemRouteParts): Route {
  const readBody = createBodyReader(ItemBidRequest);
  return {
    method: 'POST',
    path: '/api/v1/items/:id/bid',
    tag: TAG,
    summary: 'Bids on an item',
    description:
      '`amount` is the visible bid, `max_amount` the most that the platform may bid for you, in ' +
      'secret; either will do. `buy_now` asks for the item at its buy-now price. With tokens ' +
      '(AUTH_MODE=jwt) the bidder is the subject and `user_id` may be left out. The same ' +
      'Idempotency-Key of the same user and item gets the same answer for a day at least.',
    parameters: [
      ITEM_ID,
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
      429: ['rate_limit_exceeded'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      const { request } = call;
      const itemId = pathId(call);
      const idempotencyKey = idempotencyKeyOf(request);
      const body = await readBody(request);
      const amounts = amountsOf(body);
      const bidder = identity.bidderOf(request, body.user_id);
      const userId = typeof bidder === 'string' ? bidder : await bidder;
      const passed = userLimit(userId);
      if (passed !== undefined) await passed;
      const bid: BidRequest = { itemId, userId, idempotencyKey, ...amounts };
      return bidReply(await live.placeBid(bid), itemId, body.amount ?? null);
    },
  };
}

function refusedReply(
  answer: Extract<PlaceAnswer, { kind: 'refused' }>,
  amount: number | null,
): Response {
  const reply = jsonWithStatus(409, refusedView(answer, amount));
  if (answer.cached === true) reply.headers.set('gavel-cached', 'true');
  return reply;
}

function bidReply(answer: PlaceAnswer, itemId: string, amount: number | null): Response {
  switch (answer.kind) {
    case 'accepted':
      return jsonWithStatus(200, acceptedView(answer, amount));
    case 'refused':
      return refusedReply(answer, amount);
    case 'unknown-item':
      throw itemNotFound(itemId);
    case 'idempotency-key-reused':
      throw new HttpError(422, 'idempotency_key_reused', {
        message: 'This Idempotency-Key was used for another bid on this item.',
      });
  }
}

function idempotencyKeyOf(request: Request): string | null {
  const key = request.headers.get('idempotency-key');
  if (key === null || isId(key)) return key;
  throw invalid(`Idempotency-Key: expected ${IdempotencyKey.description}.`);
}

type BidBody = Static<typeof ItemBidRequest>;

function amountsOf({ amount, max_amount, buy_now = false }: BidBody) {
  const amountMicros = exactMicros(amount, 'amount');
  const maxMicros = exactMicros(max_amount, 'max_amount');
  if (amountMicros === null && maxMicros === null && !buy_now) {
    throw invalid(`amount: expected ${PositiveAmount.description}.`);
  }
  return { amountMicros, maxMicros, buyNow: buy_now };
}

/** @throws HttpError 400 when the amount has no whole number of micros above zero. */
export function exactMicros(amount: number | null | undefined, place: string): Micros | null {
  if (amount === null || amount === undefined) return null;
  const value = microsFromDecimal(amount);
  if (value === undefined) throw invalid(`${place}: expected ${PositiveAmount.description}.`);
  return value;
}

function listItems({ live, clock }: ItemRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/items',
    tag: TAG,
    summary: 'Lists items by rising id',
    description: '`status` is the one last decided: an item whose time has just come may lag.',
    parameters: [
      { in: 'query', name: 'status', description: 'only these', schema: ItemStatusName },
      { in: 'query', name: 'after', description: 'only ids after this one', schema: Id },
      pageLimit(LIMIT.itemsPage),
    ],
    success: { description: 'A page of items.', schema: Items },
    refusals: { 400: ['invalid_request'], 503: ['not_decided'] },
    handle: async ({ request }) => {
      const query = queryOf(request);
      const limit = limitQuery(query, LIMIT.itemsPage);
      const page = { status: statusQuery(query), afterItemId: idQuery(query, 'after'), limit };
      const shown = await live.listItems(page);
      const nowMs = clock.nowMs();
      const last = shown.length < limit ? undefined : shown.at(-1);
      return json({
        items: shown.map(({ view }) => itemView(view, nowMs)),
        next_after: last?.view.itemId ?? null,
      });
    },
  };
}

function statusQuery(query: URLSearchParams): (typeof ITEM_STATUSES)[number] | null {
  const text = query.get('status');
  const status = ITEM_STATUSES.find((known) => known === text) ?? null;
  if (text !== null && status === null) {
    throw invalid(`status: expected ${ItemStatusName.description}.`);
  }
  return status;
}

function readHistory({ live, identity }: ItemRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/items/:id/bids',
    tag: TAG,
    summary: 'The history of an item: bids, retractions and the close, by rising seq',
    description: 'Comes from the archive, which follows the decisions by a moment.',
    parameters: [
      ITEM_ID,
      {
        in: 'query',
        name: 'after_seq',
        description: 'only events after this one',
        schema: Type.Integer({ minimum: 0 }),
      },
      { in: 'query', name: 'epoch', description: 'of this history, else the newest', schema: Id },
      pageLimit(LIMIT.historyPage),
    ],
    success: { description: 'A page of events without a gap.', schema: History },
    refusals: {
      400: ['invalid_request'],
      401: ['unauthorized'],
      404: ['item_not_found'],
      503: ['not_decided', 'archive_unavailable'],
    },
    handle: async (call) => {
      const itemId = pathId(call);
      const query = queryOf(call.request);
      const limit = limitQuery(query, LIMIT.historyPage);
      const anySeq = { low: 0, high: Number.MAX_SAFE_INTEGER, fallback: 0 };
      const afterSeq = integerQuery(query, 'after_seq', anySeq);
      const epoch = idQuery(query, 'epoch');
      const viewerId = await identity.viewerOf(call.request);
      const shown = await live.findItem(itemId);
      if (shown === null) throw itemNotFound(itemId);
      const events = await live.readHistory({ itemId, epoch, afterSeq, limit });
      const { masksBidders } = shown;
      return json({
        events: events.map((event) => eventView(event, { masksBidders, viewerId })),
        next_after_seq: events.length < limit ? null : (events.at(-1)?.seq ?? null),
      });
    },
  };
}

function pageLimit(most: number): Parameter {
  return {
    in: 'query',
    name: 'limit',
    description: `most entries in the answer (default ${DEFAULT_PAGE}, most ${most})`,
    schema: Type.Integer({ minimum: 1, maximum: most }),
  };
}

function limitQuery(query: URLSearchParams, most: number): number {
  return integerQuery(query, 'limit', { low: 1, high: most, fallback: DEFAULT_PAGE });
}
