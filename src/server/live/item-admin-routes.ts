/** What only the admin key may do to items: create, close, take a bid back. */
import type { Clock } from '../../core/clock.ts';
import type { Live } from '../../live/live.ts';
import { eventView, UNMASKED } from '../../live/rule/view.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError } from '../http/http-error.ts';
import { json, jsonWithStatus } from '../http/reply.ts';
import { pathId, type Route } from '../http/route.ts';
import type { AdminGate } from './identity.ts';
import { definitionOf } from './item-definition.ts';
import { eventJson, itemJson } from './item-json.ts';
import { ADMIN_KEY, ITEM_ID, ITEM_TAG, itemNotFound } from './item-path.ts';
import { BidRetracted, Item, ItemClosed, ItemRequest, RetractRequest } from './item-schema.ts';

export type ItemAdminParts = {
  readonly live: Live;
  readonly requireAdmin: AdminGate;
  readonly clock: Clock;
};

export function itemAdminRoutes(parts: ItemAdminParts): Route[] {
  return [createItem(parts), closeItem(parts), retractBid(parts)];
}

function createItem({ live, requireAdmin, clock }: ItemAdminParts): Route {
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
      const definition = definitionOf(await readBody(request), clock.nowMs());
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
      if (event !== null) return json(eventJson(eventView(event, UNMASKED)));
      await requireItem(live, itemId);
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
      if (event !== null) return json(eventJson(eventView(event, UNMASKED)));
      const { view } = await requireItem(live, itemId);
      if (view.status === 'ended') throw itemEnded(itemId);
      const message = `Item "${itemId}" has no bid "${bidId}" that counts.`;
      throw new HttpError(404, 'bid_not_found', { message });
    },
  };
}

async function requireItem(live: Live, itemId: string) {
  const shown = await live.findItem(itemId);
  if (shown === null) throw itemNotFound(itemId);
  return shown;
}

function itemEnded(itemId: string): HttpError {
  return new HttpError(409, 'item_ended', { message: `Item "${itemId}" has ended.` });
}
