/**
 * The counters behind `/stat` and `/api/v1/stat`.
 *
 * `record` counts an event that was appended to the spool at `position`; it never waits and never
 * throws into an auction. A read includes everything that this node has recorded. Counts are exact
 * after `flush`, also for the next process; a driver may catch up from the spool after a crash.
 * Money is in micros; a sum stays at the largest safe integer instead of wrapping.
 *
 * A wrong count is worse than none: a read or a flush rejects with `StatsUnavailableError` when the
 * store cannot be reached, and the node keeps what it recorded.
 */
import type { AuctionEvent } from '../rule/auction.ts';
import type { SupplyTally } from '../rule/tally.ts';
import type { SupplyPage, Totals } from '../rule/tally-view.ts';

export class StatsUnavailableError extends Error {
  override readonly name = 'StatsUnavailableError';
}

export type Stats = {
  record(event: AuctionEvent, position: number): void;
  /** One supply, or a page of all in the order of their first auction. */
  readSupplies(which: { supplyId: string } | SupplyPage): Promise<ReadonlyMap<string, SupplyTally>>;
  readTotals(topCount: number): Promise<Totals>;
  flush(): Promise<void>;
};
