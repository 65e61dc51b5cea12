/**
 * Counts auctions: the counters that `/stat` and `/api/v1/stat` return, in memory.
 *
 * Each supply and each bidder counts every event at most once and in order: an event is added with
 * its position, and a counter that is already at that position or beyond skips it. So counters that
 * were saved at different moments catch up from one log. New ids beyond the bounds count in the
 * totals only.
 */
import { addMicros, type Micros, ZERO_MICROS } from '../../core/money.ts';
import type { AuctionEvent, Entry, ImpResult } from './auction.ts';
import { EXCHANGE_LIMIT, type TallyBounds } from './limit.ts';

export const UNKNOWN_COUNTRY = 'unknown';

export type BidderTally = { wins: number; revenueMicros: Micros; noBids: number; timeouts: number };

export type SupplyTally = {
  position: number;
  requests: number;
  revenueMicros: Micros;
  readonly byCountry: Map<string, number>;
  readonly bidders: Map<string, BidderTally>;
};

/** `auctions` are those in which the bidder won at least one impression. */
export type SpenderTally = { position: number; spentMicros: Micros; auctions: number };

export type GrandTally = { position: number; auctions: number; revenueMicros: Micros };

export type Tally = {
  readonly bounds: TallyBounds;
  readonly grand: GrandTally;
  readonly supplies: Map<string, SupplyTally>;
  readonly spenders: Map<string, SpenderTally>;
  /** Bidders of all supplies together. */
  bidderCounters: number;
};

export function createTally(bounds: TallyBounds = EXCHANGE_LIMIT.tally): Tally {
  return {
    bounds,
    grand: { position: 0, auctions: 0, revenueMicros: ZERO_MICROS },
    supplies: new Map(),
    spenders: new Map(),
    bidderCounters: 0,
  };
}

export function createSupplyTally(): SupplyTally {
  return {
    position: 0,
    requests: 0,
    revenueMicros: ZERO_MICROS,
    byCountry: new Map(),
    bidders: new Map(),
  };
}

function createSpenderTally(): SpenderTally {
  return { position: 0, spentMicros: ZERO_MICROS, auctions: 0 };
}

export function createBidderTally(): BidderTally {
  return { wins: 0, revenueMicros: ZERO_MICROS, noBids: 0, timeouts: 0 };
}

/** Counts one event at its position; positions of successive calls rise. */
export function addEvent(tally: Tally, event: AuctionEvent, position: number): void {
  for (const result of event.results) addToSupply(tally, result, position);
  for (const [bidderId, spentMicros] of spentOf(event)) {
    addToSpender(tally, { bidderId, spentMicros, position });
  }
  addToGrand(tally.grand, event, position);
}

function spentOf(event: AuctionEvent): Map<string, Micros> {
  const spent = new Map<string, Micros>();
  for (const { winnerId, clearingMicros } of event.results) {
    if (winnerId === null || clearingMicros === null) continue;
    spent.set(winnerId, addMicros(spent.get(winnerId) ?? ZERO_MICROS, clearingMicros));
  }
  return spent;
}

function addToSpender(
  tally: Tally,
  won: { bidderId: string; spentMicros: Micros; position: number },
): void {
  const spender = spenderOf(tally, won.bidderId);
  if (spender === undefined || spender.position >= won.position) return;
  spender.position = won.position;
  spender.auctions++;
  spender.spentMicros = addMicros(spender.spentMicros, won.spentMicros);
}

function addToGrand(grand: GrandTally, event: AuctionEvent, position: number): void {
  if (grand.position >= position) return;
  grand.position = position;
  grand.auctions++;
  for (const { clearingMicros } of event.results) {
    if (clearingMicros !== null)
      grand.revenueMicros = addMicros(grand.revenueMicros, clearingMicros);
  }
}

function addToSupply(tally: Tally, result: ImpResult, position: number): void {
  const supply = supplyOf(tally, result.imp.supplyId);
  if (supply === undefined || supply.position >= position) return;
  supply.position = position;
  supply.requests++;
  const country = result.imp.country ?? UNKNOWN_COUNTRY;
  supply.byCountry.set(country, (supply.byCountry.get(country) ?? 0) + 1);
  if (result.clearingMicros !== null) {
    supply.revenueMicros = addMicros(supply.revenueMicros, result.clearingMicros);
  }
  for (const entry of result.entries) {
    const bidder = bidderOf(tally, supply, entry.bidderId);
    if (bidder !== undefined) addEntry(bidder, entry, result.clearingMicros);
  }
}

// An id gets its counter with its first event; undefined when there is no room for another.

function spenderOf({ spenders, bounds }: Tally, bidderId: string): SpenderTally | undefined {
  const known = spenders.get(bidderId);
  if (known !== undefined || spenders.size >= bounds.bidders) return known;
  return added(spenders, bidderId, createSpenderTally());
}

function supplyOf({ supplies, bounds }: Tally, supplyId: string): SupplyTally | undefined {
  const known = supplies.get(supplyId);
  if (known !== undefined || supplies.size >= bounds.supplies) return known;
  return added(supplies, supplyId, createSupplyTally());
}

function bidderOf(tally: Tally, supply: SupplyTally, bidderId: string): BidderTally | undefined {
  const { bounds } = tally;
  const known = supply.bidders.get(bidderId);
  if (known !== undefined || tally.bidderCounters >= bounds.counters) return known;
  if (supply.bidders.size >= bounds.biddersPerSupply) return undefined;
  tally.bidderCounters++;
  return added(supply.bidders, bidderId, createBidderTally());
}

function added<Counter>(map: Map<string, Counter>, id: string, counter: Counter): Counter {
  map.set(id, counter);
  return counter;
}

function addEntry(bidder: BidderTally, entry: Entry, clearingMicros: Micros | null): void {
  if (entry.reason === 'no_bid') bidder.noBids++;
  else if (entry.reason === 'timeout') bidder.timeouts++;
  else if (entry.reason === 'highest_bid' && clearingMicros !== null) {
    bidder.wins++;
    bidder.revenueMicros = addMicros(bidder.revenueMicros, clearingMicros);
  }
}
