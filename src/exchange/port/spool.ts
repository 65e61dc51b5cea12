/**
 * The node's own record of its auctions, one event per auction, in order.
 *
 * `append` never waits and never throws into an auction: the event is kept in memory and is durable
 * with the next group commit, at most `SPOOL_COMMIT_MS` later or after `flush`. Positions rise by
 * one. The spool is bounded: it drops the oldest events first, even those that a reader has not
 * read yet (the reader sees a gap in the positions), and drops and counts events when the store is
 * too slow or full.
 */
import type { Log, LogEntry } from '../../flow/log.ts';
import type { AuctionEvent } from '../rule/auction.ts';

/** The longest wait of an event for its group commit; a kill -9 may lose that much. */
export const SPOOL_COMMIT_MS = 50;

export type SpoolEntry = LogEntry<AuctionEvent>;

export type Spool = {
  /** @returns the event's position. */
  append(event: AuctionEvent): number;
  find(auctionId: string): Promise<AuctionEvent | null>;
  /** The events after a position, in order, those that are still kept. */
  read(afterPosition: number): Iterable<SpoolEntry>;
  flush(): Promise<void>;
  /**
   * The log of one reader, whose own position is kept under its name and starts before all events.
   * Its acks are durable with a later group commit: after a crash it reads a few events again.
   * @param onLost takes how many events the spool dropped before the reader read them.
   */
  reader(name: string, onLost: (events: number) => void): Log<AuctionEvent>;
};
