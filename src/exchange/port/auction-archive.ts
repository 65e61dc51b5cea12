/**
 * The ad auctions of all nodes, kept for good.
 *
 * `append` is idempotent by auction id, and all or nothing, except for events that the store can
 * never take: then it stores the rest and rejects with `UnusableEventsError`. Both reads lag the
 * nodes by the relay's lag, and reject with `ArchiveUnavailableError` when the store cannot be
 * reached.
 */
import type { AuctionEvent } from '../rule/auction.ts';
import type { Totals } from '../rule/tally-view.ts';

export type AuctionArchive = AsyncDisposable & {
  append(events: readonly AuctionEvent[]): Promise<void>;
  find(auctionId: string): Promise<AuctionEvent | null>;
  /** The totals of all archived auctions, in the form of `Stats.readTotals`. */
  readTotals(topCount: number): Promise<Totals>;
};
