/** The statistics counted the slow and obvious way: every number from the list of all events. */
import type { AuctionEvent, Entry, ImpResult, Reason } from '../../src/exchange/rule/auction.ts';
import type { SupplyTally } from '../../src/exchange/rule/tally.ts';

function distinct<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function countBy(keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    distinct(keys).map((key) => [key, keys.filter((other) => other === key).length]),
  );
}

function bidderNumbers(results: readonly ImpResult[], bidderId: string) {
  const ends = results.flatMap(({ entries, clearingMicros }) =>
    entries
      .filter((entry: Entry) => entry.bidderId === bidderId)
      .map(({ reason }) => ({ reason, clearingMicros })),
  );
  const withReason = (reason: Reason) => ends.filter((end) => end.reason === reason);
  return {
    wins: withReason('highest_bid').length,
    revenueMicros: sum(withReason('highest_bid').map((end) => Number(end.clearingMicros))),
    noBids: withReason('no_bid').length,
    timeouts: withReason('timeout').length,
  };
}

function supplyNumbers(results: readonly ImpResult[]) {
  const bidderIds = distinct(results.flatMap(({ entries }) => entries.map((one) => one.bidderId)));
  return {
    requests: results.length,
    revenueMicros: sum(results.map(({ clearingMicros }) => Number(clearingMicros))),
    byCountry: countBy(results.map(({ imp }) => imp.country ?? 'unknown')),
    bidders: Object.fromEntries(bidderIds.map((id) => [id, bidderNumbers(results, id)])),
  };
}

/** By supply id, in the order of their first auction. */
export function naiveSupplies(events: readonly AuctionEvent[]) {
  const results = events.flatMap((event) => event.results);
  const ids = distinct(results.map(({ imp }) => imp.supplyId));
  return ids.map((id) => [id, supplyNumbers(results.filter((one) => one.imp.supplyId === id))]);
}

/** The result of a driver or a tally, in the form of `naiveSupplies`. */
export function plainSupplies(supplies: ReadonlyMap<string, SupplyTally>) {
  return Array.from(supplies, ([id, { requests, revenueMicros, byCountry, bidders }]) => [
    id,
    {
      requests,
      revenueMicros: Number(revenueMicros),
      byCountry: Object.fromEntries(byCountry),
      bidders: Object.fromEntries(bidders),
    },
  ]);
}

function mostFirst(tops: { id: string; totalMicros: number; auctions: number }[], count: number) {
  return tops
    .toSorted(
      (left, right) => right.totalMicros - left.totalMicros || (left.id < right.id ? -1 : 1),
    )
    .slice(0, count);
}

export function naiveTotals(events: readonly AuctionEvent[], topCount: number) {
  const results = events.flatMap((event) => event.results);
  const winnerIds = distinct(results.flatMap(({ winnerId }) => winnerId ?? []));
  const supplyIds = distinct(results.map(({ imp }) => imp.supplyId));
  const paid = (some: readonly ImpResult[]) => sum(some.map((one) => Number(one.clearingMicros)));
  const bidders = winnerIds.map((id) => ({
    id,
    totalMicros: paid(results.filter(({ winnerId }) => winnerId === id)),
    auctions: events.filter((event) => event.results.some(({ winnerId }) => winnerId === id))
      .length,
  }));
  const supplies = supplyIds.map((id) => {
    const own = results.filter(({ imp }) => imp.supplyId === id);
    return { id, totalMicros: paid(own), auctions: own.length };
  });
  return {
    auctions: events.length,
    revenueMicros: paid(results),
    topBidders: mostFirst(bidders, topCount),
    topSupplies: mostFirst(supplies, topCount),
  };
}
