/**
 * The frames of `/ws` (seed 004): an accepted bid is one object with the seed's names, and more.
 *
 * Times are ISO 8601 of the server's clock; `server_time` is when the frame was made. Money is in
 * decimal units. What the views leave out (maxima, reserves) cannot appear here.
 */
import { timestamp } from '../../core/clock.ts';
import type { Wire } from '../../live/live.ts';
import { decimalOrNull } from '../http/reply.ts';
import { itemView } from './view.ts';

export const liveWire: Wire = {
  event: (view, nextMicros) =>
    JSON.stringify({ ...view, minimum_next_bid: decimalOrNull(nextMicros) }),
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
    return JSON.stringify({ ...told, item: itemView(view, serverTimeMs) });
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
