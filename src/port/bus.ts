/**
 * What carries item events from the relay to whoever follows them.
 *
 * At least once: when `publish` has resolved, every durable subscriber gets the events, also one that
 * is away and comes back, in the order of publishing; an event may come twice, with the same id. A
 * durable subscriber is known by its name and is given the next batch when its handler has resolved;
 * when the handler rejects, the batch comes again. A subscriber without a name gets what is published
 * while it is there and never holds up anybody. Subscribers do not slow each other or the publisher.
 */
import type { ItemEvent } from '../live/rule/item.ts';

export type BusHandler = (events: readonly ItemEvent[]) => void | Promise<void>;

export type Bus = AsyncDisposable & {
  publish(events: readonly ItemEvent[]): Promise<void>;
  /** @returns a function that ends the subscription; a durable name keeps its place. */
  subscribe(durableName: string | null, handler: BusHandler): Promise<() => Promise<void>>;
};
