/**
 * What carries events from a relay to whoever follows them: one bus a kind of event.
 *
 * At least once: when `publish` has resolved, every durable subscriber gets the events, also one that
 * is away and comes back, in the order of publishing; an event may come twice, with the same id. A
 * durable subscriber is known by its name and is given the next batch when its handler has resolved;
 * when the handler rejects, the batch comes again. A handler that rejects with `UnusableEventsError`
 * has dealt with the others of its batch: the named ones are put aside as dead letters, and the next
 * batch comes. A subscriber without a name gets what is published while it is there and never holds up
 * anybody; `onMissed` tells it that something may have passed it by. Subscribers do not slow each
 * other or the publisher.
 */
export type BusHandler<Event> = (events: readonly Event[]) => void | Promise<void>;

/** Events that can never be handled, however often they come. */
export class UnusableEventsError extends Error {
  override readonly name = 'UnusableEventsError';
  readonly eventIds: readonly string[];

  constructor(eventIds: readonly string[], options?: ErrorOptions) {
    super(`${eventIds.length} events can never be handled`, options);
    this.eventIds = eventIds;
  }
}

export type BusFollower<Event> = {
  /** Null for a subscriber that keeps no place. */
  readonly durableName: string | null;
  readonly handler: BusHandler<Event>;
  /** Called when a subscriber without a name may have missed events, and is connected again. */
  readonly onMissed?: () => void;
};

export type Bus<Event> = AsyncDisposable & {
  publish(events: readonly Event[]): Promise<void>;
  /** @returns a function that ends the subscription; a durable name keeps its place. */
  subscribe(follower: BusFollower<Event>): Promise<() => Promise<void>>;
  /** How many dead letters are kept, as far as is known: zero before that is. Answers soon, come what may. */
  deadLetters(): Promise<number>;
  /**
   * False from the first failure of publishing or of a follower, be it the handler's, until that which
   * failed next succeeds; true while nothing was tried.
   */
  isWorking(): boolean;
};
