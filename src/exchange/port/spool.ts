/**
 * The node's own record of its auctions, one event each, in order.
 *
 * `append` never waits and never throws into an auction: the event is kept in memory and is durable
 * with the next group commit, at most `SPOOL_COMMIT_MS` later or after `flush`. Positions rise by
 * one. The spool is bounded: the oldest events go first, and events that cannot be taken because
 * the store is too slow or full are dropped and counted. That goes for events too that a relay has not
 * carried away yet: it sees a gap in the positions. How far it has carried is kept here, durable with
 * a later group commit: after a crash a little is carried again.
 */
import type { AuctionEvent } from '../rule/auction.ts';

/** The longest that an event may wait for its group commit; a kill -9 may lose that much. */
export const SPOOL_COMMIT_MS = 50;

export type SpoolEntry = { readonly position: number; readonly event: AuctionEvent };

export type Spool = {
  /** @returns the event's position. */
  append(event: AuctionEvent): number;
  find(auctionId: string): Promise<AuctionEvent | null>;
  /** The events after a position, in order, as far as they are still kept. */
  read(afterPosition: number): Iterable<SpoolEntry>;
  flush(): Promise<void>;
  /** Up to where a relay has carried the events away; 0 before the first. */
  carriedPosition(): number;
  /** A position before the one that is kept changes nothing. */
  setCarried(position: number): void;
  /** The position of the newest event, kept or pending; 0 before the first. */
  lastPosition(): number;
};
