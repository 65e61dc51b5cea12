/**
 * The frames of `/ws` (seed 004): an accepted bid is one object with the seed's names, and more.
 *
 * Times are ISO 8601 of the server's clock; `server_time` is when the frame was made. Money is in
 * decimal units. What the views leave out (maxima, reserves) cannot appear here.
 */
import { decimalFromMicros, type Micros } from '../../core/money.ts';
import type { Wire } from '../../live/live.ts';
import type { PublicEvent } from '../../live/rule/public-event.ts';
import type { ItemView } from '../../live/rule/view.ts';
import { timestamp } from './exchange.ts';

export const liveWire: Wire = {
  event: (view) => JSON.stringify(eventBody(view)),
  // The event was written before its frame's time was known.
  single: (event, serverTimeMs) =>
    `${event.slice(0, -1)},"server_time":"${timestamp(serverTimeMs)}"}`,
  several: ({ events, seq, epoch, serverTimeMs, recovered }) => {
    const head = { type: 'events', seq, epoch, server_time: timestamp(serverTimeMs) };
    const told = JSON.stringify(recovered === null ? head : { ...head, recovered });
    return `${told.slice(0, -1)},"events":[${events.join(',')}]}`;
  },
  snapshot: ({ view, watchers, serverTimeMs, recovered }) => {
    const { itemId, seq, epoch } = view;
    const server_time = timestamp(serverTimeMs);
    const head = { type: 'snapshot', item_id: itemId, seq, epoch, server_time, watchers };
    const told = recovered === null ? head : { ...head, recovered };
    return JSON.stringify({ ...told, item: itemBody(view) });
  },
  watchers: ({ itemId, watchers, serverTimeMs }) =>
    JSON.stringify({
      type: 'watchers',
      item_id: itemId,
      watchers,
      server_time: timestamp(serverTimeMs),
    }),
  reconnect: ({ afterMs, serverTimeMs }) =>
    JSON.stringify({
      type: 'reconnect',
      after_ms: afterMs,
      server_time: timestamp(serverTimeMs),
    }),
};

export function pongFrame(serverTimeMs: number): string {
  return JSON.stringify({ type: 'pong', server_time: timestamp(serverTimeMs) });
}

function itemBody(view: ItemView) {
  return {
    id: view.itemId,
    name: view.name,
    current_bid: decimalFromMicros(view.priceMicros),
    highest_bidder_id: view.leaderId,
    status: view.status,
    outcome: view.outcome,
    seq: view.seq,
    epoch: view.epoch,
    start_price: decimalFromMicros(view.startMicros),
    minimum_next_bid: moneyOrNull(view.nextMicros),
    buy_now_price: moneyOrNull(view.buyNowMicros),
    reserve_met: view.reserveMet,
    bid_count: view.bidCount,
    opens_at: timeOrNull(view.opensAtMs),
    ends_at: timeOrNull(view.endsAtMs),
  };
}

function eventBody(view: PublicEvent) {
  const { type, eventId, itemId, epoch, seq, atMs } = view;
  const head = { type, seq, epoch, event_id: eventId, item_id: itemId };
  return { ...head, ...facts(view), timestamp: timestamp(atMs) };
}

function facts(view: PublicEvent) {
  switch (view.type) {
    case 'bid':
      return {
        bid_id: view.bidId,
        user_id: view.userId,
        amount: decimalFromMicros(view.amountMicros),
        previous_bid: decimalFromMicros(view.previousMicros),
        by_proxy: view.byProxy,
        reserve_met: view.reserveMet,
        ends_at: timeOrNull(view.endsAtMs),
        minimum_next_bid: moneyOrNull(view.nextMicros),
      };
    case 'retract':
      return {
        retracted_bid_id: view.retractedBidId,
        current_bid: decimalFromMicros(view.priceMicros),
        highest_bidder_id: view.leaderId,
        reserve_met: view.reserveMet,
        minimum_next_bid: moneyOrNull(view.nextMicros),
      };
    case 'close':
      return {
        outcome: view.outcome,
        winner_id: view.winnerId,
        price: decimalFromMicros(view.priceMicros),
      };
  }
}

function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : timestamp(atMs);
}

function moneyOrNull(micros: Micros | null): number | null {
  return micros === null ? null : decimalFromMicros(micros);
}
