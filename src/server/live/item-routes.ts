/**
 * The public routes of live items (seed 004): reading one, bidding on it, the list and the history.
 *
 * Bidders are masked where their item says so, all but the one who proves to be it; the admin sees all.
 */
import { Type } from '@sinclair/typebox';
import type { Clock } from '../../core/clock.ts';
import { eventView } from '../../live/rule/view.ts';
import { invalid } from '../http/http-error.ts';
import { json } from '../http/reply.ts';
import {
  idQuery,
  integerQuery,
  type Parameter,
  pathId,
  queryOf,
  type Route,
} from '../http/route.ts';
import { Id } from '../http/schema.ts';
import { type BidRouteParts, bidRoute } from './bid-route.ts';
import type { LookerReader } from './identity.ts';
import { eventJson, itemJson } from './item-json.ts';
import { ADMIN_LOOKS, ITEM_ID, ITEM_TAG, itemNotFound } from './item-path.ts';
import { History, ITEM_STATUSES, Item, ItemStatusName, Items } from './item-schema.ts';

/** A key or a token that is not right is refused; without any, the public looks. */
const LOOKING = { 401: ['unauthorized'], 403: ['forbidden'] } as const;

/** Entries of an answer unless the request says otherwise, and the most it may ask for. */
const PAGE = { default: 100, items: 500, history: 1_000 } as const;

export type ItemRouteParts = BidRouteParts & {
  readonly clock: Clock;
  readonly lookerOf: LookerReader;
};

export function itemRoutes(parts: ItemRouteParts): Route[] {
  return [readItem(parts), bidRoute(parts), listItems(parts), readHistory(parts)];
}

function readItem({ live, lookerOf, clock }: ItemRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/items/:id',
    tag: ITEM_TAG,
    isForPages: true,
    summary: 'Shows an item',
    description: 'An unknown item is opened at once while ITEMS_AUTO_CREATE is on.',
    parameters: [ITEM_ID, ADMIN_LOOKS],
    success: { description: 'The item as it was last decided.', schema: Item },
    refusals: {
      400: ['invalid_request'],
      ...LOOKING,
      404: ['item_not_found'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      const itemId = pathId(call);
      const shown = await live.readItem(itemId, await lookerOf(call.request));
      if (shown === null) throw itemNotFound(itemId);
      return json(itemJson(shown.view, clock.nowMs()));
    },
  };
}

function listItems({ live, lookerOf, clock }: ItemRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/items',
    tag: ITEM_TAG,
    isForPages: true,
    summary: 'Lists items by rising id',
    description: '`status` is the one last decided: an item whose time has just come may lag.',
    parameters: [
      { in: 'query', name: 'status', description: 'only these', schema: ItemStatusName },
      { in: 'query', name: 'after', description: 'only ids after this one', schema: Id },
      pageLimit(PAGE.items),
      ADMIN_LOOKS,
    ],
    success: { description: 'A page of items.', schema: Items },
    refusals: { 400: ['invalid_request'], ...LOOKING, 503: ['not_decided'] },
    handle: async ({ request }) => {
      const query = queryOf(request);
      const limit = limitQuery(query, PAGE.items);
      const page = { status: statusQuery(query), afterItemId: idQuery(query, 'after'), limit };
      const looker = await lookerOf(request);
      const shown = await live.listItems({ ...page, looker });
      const nowMs = clock.nowMs();
      const last = shown.length < limit ? undefined : shown.at(-1);
      return json({
        items: shown.map(({ view }) => itemJson(view, nowMs)),
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

function readHistory({ live, lookerOf }: ItemRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/items/:id/bids',
    tag: ITEM_TAG,
    isForPages: true,
    summary: 'The history of an item: bids, retractions and the close, by rising seq',
    description:
      'Comes from the archive, which follows the decisions by a moment: a bid of just now may be missing.',
    parameters: [
      ITEM_ID,
      {
        in: 'query',
        name: 'after_seq',
        description: 'only events after this one',
        schema: Type.Integer({ minimum: 0 }),
      },
      {
        in: 'query',
        name: 'epoch',
        description: 'of this history, else the present one',
        schema: Id,
      },
      pageLimit(PAGE.history),
      ADMIN_LOOKS,
    ],
    success: {
      description: 'A page of events, and the seqs of those that are missing.',
      schema: History,
    },
    refusals: {
      400: ['invalid_request'],
      ...LOOKING,
      404: ['item_not_found'],
      503: ['not_decided', 'archive_unavailable'],
    },
    handle: async (call) => {
      const itemId = pathId(call);
      const query = queryOf(call.request);
      const limit = limitQuery(query, PAGE.history);
      const anySeq = { low: 0, high: Number.MAX_SAFE_INTEGER, fallback: 0 };
      const afterSeq = integerQuery(query, 'after_seq', anySeq);
      const epoch = idQuery(query, 'epoch');
      const looker = await lookerOf(call.request);
      const shown = await live.readHistory({ itemId, epoch, afterSeq, limit, looker });
      if (shown === null) throw itemNotFound(itemId);
      const { events, missing, nextAfterSeq, lens, currency } = shown;
      return json({
        events: events.map((event) => eventJson(eventView(event, lens), currency)),
        ...(missing.length === 0 ? {} : { missing }),
        next_after_seq: nextAfterSeq,
      });
    },
  };
}

function pageLimit(most: number): Parameter {
  return {
    in: 'query',
    name: 'limit',
    description: `most entries in the answer (default ${PAGE.default}, most ${most})`,
    schema: Type.Integer({ minimum: 1, maximum: most }),
  };
}

function limitQuery(query: URLSearchParams, most: number): number {
  return integerQuery(query, 'limit', { low: 1, high: most, fallback: PAGE.default });
}
