/**
 * Follows a bus into a sink, at the sink's own pace, under a durable name: what was published while
 * nobody followed comes when somebody does. A batch is passed when the sink has it; what the sink
 * refuses comes again, and what it can never take is put aside by the bus.
 */
import type { Loop } from '../core/loop.ts';
import type { Bus } from './bus.ts';

export type Sink<Event> = {
  /** Idempotent by event id: a batch may come twice. */
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
