/** The exchange's values as its answers show them: decimal units, snake_case names. */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros } from '../../core/money.ts';
import {
  type AuctionEvent,
  type Entry,
  type ImpResult,
  REASONS,
} from '../../exchange/rule/auction.ts';
import type { SupplyTally } from '../../exchange/rule/tally.ts';
import type { Totals } from '../../exchange/rule/tally-view.ts';
import { decimalOrNull } from '../http/reply.ts';

const US_PER_MS = 1000;

export function supplyStats(supplies: ReadonlyMap<string, SupplyTally>) {
  return Object.fromEntries(Array.from(supplies, ([id, supply]) => [id, oneSupply(supply)]));
}

function oneSupply({ requests, byCountry, bidders }: SupplyTally) {
  const shown = Array.from(bidders, ([id, { wins, revenueMicros, noBids, timeouts }]) => [
    id,
    { wins, total_revenue: decimalFromMicros(revenueMicros), no_bids: noBids, timeouts },
  ]);
  return {
    total_reqs: requests,
    reqs_per_country: Object.fromEntries(byCountry),
    bidders: Object.fromEntries(shown),
  };
}

export function totals({ auctions, revenueMicros, topBidders, topSupplies }: Totals) {
  return {
    total_auctions: auctions,
    total_revenue: decimalFromMicros(revenueMicros),
    top_bidders: topBidders.map((top) => ({
      bidder_id: batchId(top.id),
      total_spent: decimalFromMicros(top.totalMicros),
      auction_count: top.auctions,
    })),
    top_supplies: topSupplies.map((top) => ({
      supply_id: batchId(top.id),
      total_revenue: decimalFromMicros(top.totalMicros),
      auction_count: top.auctions,
    })),
  };
}

/** An id of digits only is shown as a number, as seed 000 has it, when that loses nothing. */
export function batchId(id: string): string | number {
  const value = Number(id);
  return Number.isSafeInteger(value) && String(value) === id ? value : id;
}

export function auctionReport(event: AuctionEvent) {
  const { auctionId, kind, atMs, tmaxMs, seed, catalogVersion, results } = event;
  return {
    auction_id: auctionId,
    kind,
    timestamp: timestamp(atMs),
    tmax_ms: tmaxMs,
    seed,
    catalog_version: catalogVersion,
    impressions: results.map(impression),
  };
}

function impression({ imp, winnerId, clearingMicros, entries }: ImpResult) {
  return {
    supply_id: imp.supplyId,
    country: imp.country,
    floor: decimalFromMicros(imp.floorMicros),
    auction_type: imp.auctionType,
    increment: decimalFromMicros(imp.incrementMicros),
    winner: winnerId,
    price: decimalOrNull(clearingMicros),
    bidders: entries.map(bidderEnd),
  };
}

function bidderEnd({ bidderId, outcome, priceMicros, latencyUs, reason }: Entry) {
  const { state, iabCode } = REASONS[reason];
  return {
    bidder_id: bidderId,
    answer: outcome,
    price: outcome === 'bid' ? decimalFromMicros(priceMicros) : null,
    latency_ms: latencyUs / US_PER_MS,
    state,
    reason,
    iab_code: iabCode,
  };
}
