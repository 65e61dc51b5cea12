/**
 * The frames of `/ws` (seed 004): an accepted bid is one object with the seed's names, and more.
 *
 * Times are ISO 8601 of the server's clock; `server_time` is when the frame was made. Money is in
 * decimal units. What the views leave out (maxima, reserves) cannot appear here.
 */
import { Type } from '@sinclair/typebox';
import { timestamp } from '../../core/clock.ts';
import type { Wire } from '../../live/live.ts';
import { decimalOrNull } from '../http/reply.ts';
import { Count, Timestamp } from '../http/schema.ts';
import { eventJson, itemJson } from './item-json.ts';

/** The frame that opens a watch; the route describes those that follow. */
export const SnapshotFrame = Type.Object(
  {
    type: Type.Literal('snapshot'),
    item_id: Type.String(),
    seq: Count,
    epoch: Type.String(),
    server_time: Timestamp,
    watchers: Count,
    recovered: Type.Optional(Type.Literal(false)),
    item: Type.Object({}, { additionalProperties: true }),
  },
  { title: 'SnapshotFrame' },
);

export const liveWire: Wire = {
  event: (view, { nextMicros, currency }) =>
    JSON.stringify({ ...eventJson(view, currency), minimum_next_bid: decimalOrNull(nextMicros) }),
  // The event was written before its frame's time was known.
  single: (event, serverTimeMs) =>
    `${event.slice(0, -1)},"server_time":"${timestamp(serverTimeMs)}"}`,
  several: ({ events, seq, epoch, serverTimeMs, recovered }) => {
    const head = { type: 'events', seq, epoch, server_time: timestamp(serverTimeMs) };
    const text = JSON.stringify(recovered === null ? head : { ...head, recovered });
    return `${text.slice(0, -1)},"events":[${events.join(',')}]}`;
  },
  snapshot: ({ view, watchers, serverTimeMs, recovered }) => {
    const { itemId, seq, epoch } = view;
    const server_time = timestamp(serverTimeMs);
    const head = { type: 'snapshot', item_id: itemId, seq, epoch, server_time, watchers };
    const marked = recovered === null ? head : { ...head, recovered };
    return JSON.stringify({ ...marked, item: itemJson(view, serverTimeMs) });
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
