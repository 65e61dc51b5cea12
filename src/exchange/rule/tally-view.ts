/** Reads a tally: one supply, a page of supplies, the totals with their top lists. */
import type { Micros } from '../../core/money.ts';
import type { SupplyTally, Tally } from './tally.ts';

/** A page of all supplies in the order of their first auction. */
export type SupplyPage = { readonly offset: number; readonly limit: number };

export type Top = { readonly id: string; readonly totalMicros: Micros; readonly auctions: number };

export type Totals = {
  readonly auctions: number;
  readonly revenueMicros: Micros;
  /** Bidders by spend and supplies by revenue, highest first, ties by id. */
  readonly topBidders: readonly Top[];
  readonly topSupplies: readonly Top[];
};

export function selectSupplies(
  tally: Tally,
  which: { supplyId: string } | SupplyPage,
): ReadonlyMap<string, SupplyTally> {
  if ('supplyId' in which) {
    const supply = tally.supplies.get(which.supplyId);
    return new Map(supply === undefined ? [] : [[which.supplyId, supply]]);
  }
  const end = which.offset + which.limit;
  const page = new Map<string, SupplyTally>();
  let index = 0;
  for (const [id, supply] of tally.supplies) {
    if (index === end) break;
    if (index++ >= which.offset) page.set(id, supply);
  }
  return page;
}

export function selectTotals(tally: Tally, topCount: number): Totals {
  const bidders = createTopList(topCount);
  for (const [id, { spentMicros, auctions }] of tally.spenders) {
    bidders.offer({ id, totalMicros: spentMicros, auctions });
  }
  const supplies = createTopList(topCount);
  for (const [id, { revenueMicros, requests }] of tally.supplies) {
    supplies.offer({ id, totalMicros: revenueMicros, auctions: requests });
  }
  const { auctions, revenueMicros } = tally.grand;
  return { auctions, revenueMicros, topBidders: bidders.entries, topSupplies: supplies.entries };
}

/** Selects the greatest few of many in one pass. */
function createTopList(count: number): { entries: Top[]; offer(one: Top): void } {
  const entries: Top[] = [];
  function offer(one: Top): void {
    const last = entries.at(-1);
    if (entries.length === count && last !== undefined && !isAbove(one, last)) return;
    const place = entries.findIndex((other) => isAbove(one, other));
    entries.splice(place === -1 ? entries.length : place, 0, one);
    if (entries.length > count) entries.pop();
  }
  return { entries, offer };
}

function isAbove(left: Top, right: Top): boolean {
  if (left.totalMicros !== right.totalMicros) return left.totalMicros > right.totalMicros;
  return left.id < right.id;
}
