/**
 * Carries events from a relay to their followers: one bus per kind of event.
 *
 * At least once: when `publish` has resolved, every durable subscriber gets the events in the order
 * of publishing, even one that is away and comes back; an event may arrive twice, with the same id.
 * A durable subscriber is known by its name and gets the next batch when its handler has resolved;
 * when the handler rejects, the bus redelivers the batch. A handler that rejects with
 * `UnusableEventsError` has handled the rest of its batch: the bus sets the named events aside as
 * dead letters and delivers the next batch. An unnamed subscriber gets the events that are
 * published while it is connected and never holds up others; `onMissed` reports that it may have
 * missed some. Subscribers do not slow each other or the publisher down.
 */
export type BusHandler<Event> = (events: readonly Event[]) => void | Promise<void>;

/** Events that can never be handled, however often they are delivered. */
export class UnusableEventsError extends Error {
  override readonly name = 'UnusableEventsError';
  readonly eventIds: readonly string[];

  constructor(eventIds: readonly string[], options?: ErrorOptions) {
    super(`${eventIds.length} events can never be handled`, options);
    this.eventIds = eventIds;
  }
}

export type BusFollower<Event> = {
  /** Null for an unnamed subscriber, whose position is not kept. */
  readonly durableName: string | null;
  readonly handler: BusHandler<Event>;
  /** Called when an unnamed subscriber has reconnected and may have missed events. */
  readonly onMissed?: () => void;
};

export type Bus<Event> = AsyncDisposable & {
  publish(events: readonly Event[]): Promise<void>;
  /** @returns a function that ends the subscription; the position of a durable name is kept. */
  subscribe(follower: BusFollower<Event>): Promise<() => Promise<void>>;
  /** The last known number of dead letters, zero until it is known. Never waits for an outage. */
  deadLetters(): Promise<number>;
  /**
   * False from a failure of publishing or of a follower (or of its handler) until the same one
   * succeeds; true before the first try.
   */
  isWorking(): boolean;
};
