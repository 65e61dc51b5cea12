/**
 * The node's own record of its auctions, one event each, in order.
 *
 * `append` never waits and never throws into an auction: the event is kept in memory and is durable
 * with the next group commit, at most `SPOOL_COMMIT_MS` later or after `flush`. Positions rise by
 * one. The spool is bounded: the oldest events go first, and events that cannot be taken because
 * the store is too slow or full are dropped and counted. That includes events that a reader has not
 * been given yet: it sees a gap in the positions.
 */
import type { Log, LogEntry } from '../../flow/log.ts';
import type { AuctionEvent } from '../rule/auction.ts';

/** The longest that an event may wait for its group commit; a kill -9 may lose that much. */
export const SPOOL_COMMIT_MS = 50;

export type SpoolEntry = LogEntry<AuctionEvent>;

export type Spool = {
  /** @returns the event's position. */
  append(event: AuctionEvent): number;
  find(auctionId: string): Promise<AuctionEvent | null>;
  /** The events after a position, in order, as far as they are still kept. */
  read(afterPosition: number): Iterable<SpoolEntry>;
  flush(): Promise<void>;
  /**
   * The log of one reader, which has a place of its own under its name: at first before all events. Its
   * acks are durable with a later group commit: after a crash it is given a little again.
   * @param onLost is given how many events left the spool before the reader was given them.
   */
  reader(name: string, onLost: (events: number) => void): Log<AuctionEvent>;
};
