/** What only the admin key may do to items: create, close, take bids back. */
import type { Clock } from '../../core/clock.ts';
import type { Live, Removal } from '../../live/live.ts';
import type { Currency } from '../../live/rule/currency.ts';
import { MOST_BANNED } from '../../live/rule/item.ts';
import { eventView, UNMASKED } from '../../live/rule/view.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError } from '../http/http-error.ts';
import { json, jsonWithStatus } from '../http/reply.ts';
import { pathId, type Route } from '../http/route.ts';
import type { AdminGate } from './identity.ts';
import { definitionOf } from './item-definition.ts';
import { eventJson, itemJson } from './item-json.ts';
import { ADMIN_KEY, ITEM_ID, ITEM_TAG, itemNotFound } from './item-path.ts';
import {
  BidRetracted,
  Item,
  ItemClosed,
  ItemRequest,
  RemoveBidderRequest,
  RetractRequest,
} from './item-schema.ts';

export type ItemAdminParts = {
  readonly live: Live;
  readonly requireAdmin: AdminGate;
  readonly clock: Clock;
  /** Of an item that names none. */
  readonly currency: Currency;
};

export function itemAdminRoutes(parts: ItemAdminParts): Route[] {
  return [createItem(parts), closeItem(parts), retractBid(parts), removeBidder(parts)];
}

function createItem({ live, requireAdmin, clock, currency }: ItemAdminParts): Route {
  const readBody = createBodyReader(ItemRequest);
  return {
    method: 'POST',
    path: '/api/v1/items',
    tag: ITEM_TAG,
    summary: 'Creates an item with its policies',
    description: 'Only `id` is needed. The reserve is kept secret: only whether it is met is told.',
    parameters: [ADMIN_KEY],
    body: ItemRequest,
    success: { status: 201, description: 'The item is there.', schema: Item },
    refusals: {
      400: ['malformed_json', 'invalid_request'],
      401: ['unauthorized'],
      403: ['forbidden'],
      409: ['item_exists'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      503: ['not_decided'],
    },
    handle: async ({ request }) => {
      requireAdmin(request);
      const definition = definitionOf(await readBody(request), { nowMs: clock.nowMs(), currency });
      const { shown, created } = await live.openItem(definition);
      if (created) return jsonWithStatus(201, itemJson(shown.view, clock.nowMs()));
      const message = `There is an item "${definition.itemId}" already.`;
      throw new HttpError(409, 'item_exists', { message });
    },
  };
}

function closeItem({ live, requireAdmin }: ItemAdminParts): Route {
  return {
    method: 'POST',
    path: '/api/v1/items/:id/close',
    tag: ITEM_TAG,
    summary: 'Ends an item at once',
    parameters: [ITEM_ID, ADMIN_KEY],
    success: { description: 'The close event; its winner is not masked.', schema: ItemClosed },
    refusals: {
      400: ['invalid_request'],
      401: ['unauthorized'],
      403: ['forbidden'],
      404: ['item_not_found'],
      409: ['item_ended'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      requireAdmin(call.request);
      const itemId = pathId(call);
      const event = await live.closeItem(itemId);
      const { view } = await requireItem(live, itemId);
      if (event !== null) return json(eventJson(eventView(event, UNMASKED), view.currency));
      throw itemEnded(itemId);
    },
  };
}

function retractBid({ live, requireAdmin }: ItemAdminParts): Route {
  const readBody = createBodyReader(RetractRequest);
  return {
    method: 'POST',
    path: '/api/v1/items/:id/retract',
    tag: ITEM_TAG,
    summary: 'Takes a bid back',
    description: 'Nothing is deleted: a compensating event is added, and the other bids count on.',
    parameters: [ITEM_ID, ADMIN_KEY],
    body: RetractRequest,
    success: { description: 'The retract event; not masked.', schema: BidRetracted },
    refusals: {
      400: ['malformed_json', 'invalid_request'],
      401: ['unauthorized'],
      403: ['forbidden'],
      404: ['item_not_found', 'bid_not_found'],
      409: ['item_ended'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      requireAdmin(call.request);
      const itemId = pathId(call);
      const { bid_id: bidId } = await readBody(call.request);
      const event = await live.retractBid(itemId, bidId);
      const { view } = await requireItem(live, itemId);
      if (event !== null) return json(eventJson(eventView(event, UNMASKED), view.currency));
      if (view.status === 'ended') throw itemEnded(itemId);
      const message = `Item "${itemId}" has no bid "${bidId}" that counts.`;
      throw new HttpError(404, 'bid_not_found', { message });
    },
  };
}

function removeBidder({ live, requireAdmin }: ItemAdminParts): Route {
  const readBody = createBodyReader(RemoveBidderRequest);
  return {
    method: 'POST',
    path: '/api/v1/items/:id/remove-bidder',
    tag: ITEM_TAG,
    summary: 'Takes back all bids and maxima of a bidder',
    description:
      'Nothing is deleted: one compensating event is added, and the bids of the others count on. With ' +
      '`ban` the bidder may not bid on this item any more.',
    parameters: [ITEM_ID, ADMIN_KEY],
    body: RemoveBidderRequest,
    success: { description: 'The retract event; not masked.', schema: BidRetracted },
    refusals: {
      400: ['malformed_json', 'invalid_request'],
      401: ['unauthorized'],
      403: ['forbidden'],
      404: ['item_not_found', 'bidder_not_found'],
      409: ['item_ended', 'too_many_banned'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      503: ['not_decided'],
    },
    handle: async (call) => {
      requireAdmin(call.request);
      const itemId = pathId(call);
      const { user_id: userId, ban } = await readBody(call.request);
      const removal = await live.removeBidder(itemId, { userId, ban: ban ?? false });
      if (typeof removal === 'string') throw removalError(removal, itemId, userId);
      const { view } = await requireItem(live, itemId);
      return json(eventJson(eventView(removal, UNMASKED), view.currency));
    },
  };
}

function removalError(why: Extract<Removal, string>, itemId: string, userId: string): HttpError {
  switch (why) {
    case 'unknown-item':
      return itemNotFound(itemId);
    case 'ended':
      return itemEnded(itemId);
    case 'bans-full':
      return new HttpError(409, 'too_many_banned', {
        message: `Item "${itemId}" has ${MOST_BANNED} banned bidders; no more are kept.`,
      });
    case 'nothing':
      return new HttpError(404, 'bidder_not_found', {
        message: `Item "${itemId}" has no bid of "${userId}" that counts.`,
      });
  }
}

async function requireItem(live: Live, itemId: string) {
  const shown = await live.findItem(itemId);
  if (shown === null) throw itemNotFound(itemId);
  return shown;
}

function itemEnded(itemId: string): HttpError {
  return new HttpError(409, 'item_ended', { message: `Item "${itemId}" has ended.` });
}
