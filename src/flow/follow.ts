/**
 * Copies events from a bus into a sink, at the sink's own pace, under a durable name: events that
 * are published while no follower runs arrive once one does. A batch is done when the sink has
 * stored it. The bus redelivers what the sink rejects, and sets aside events that it can never
 * store.
 */
import type { Loop } from '../core/loop.ts';
import type { Bus } from './bus.ts';

export type Sink<Event> = {
  /** Idempotent by event id: a batch may arrive twice. */
  append(events: readonly Event[]): Promise<void>;
};

export type FollowParts<Event> = {
  readonly bus: Pick<Bus<Event>, 'subscribe'>;
  readonly durableName: string;
  readonly sink: Sink<Event>;
};

export async function startFollow<Event>(parts: FollowParts<Event>): Promise<Loop> {
  const { bus, durableName, sink } = parts;
  return { stop: await bus.subscribe({ durableName, handler: (events) => sink.append(events) }) };
}
