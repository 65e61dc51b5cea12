/**
 * The ad exchange: it holds auctions over the catalogue in force and records them.
 *
 * An auction is: eligible bidders -> calls under the deadline -> check -> rank -> clear -> record.
 * The rules in `rule/` decide; this file only hands them their inputs. Every auction appends one
 * event to the spool and is counted before its answer is given. An auction sees one catalogue
 * version from start to end.
 *
 * Not promised: that the event is on disk when the answer leaves (see `SPOOL_COMMIT_MS`).
 */
import { present } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { Deadline } from '../core/deadline.ts';
import { type Micros, ZERO_MICROS } from '../core/money.ts';
import type { Random } from '../core/random.ts';
import type { Timers } from '../core/timer.ts';
import { callBidders } from './fan-out.ts';
import type { AuctionArchive } from './port/auction-archive.ts';
import type { BidderAnswer, CalledBidder, Demand, ImpBid } from './port/demand.ts';
import type { Spool } from './port/spool.ts';
import type { Stats } from './port/stats.ts';
import type { Answer, AuctionEvent, AuctionKind, Imp, ImpResult, Outcome } from './rule/auction.ts';
import { decide } from './rule/decide.ts';
import { type CatalogIndex, createCatalogIndex } from './rule/eligible.ts';
import { type CatalogVersion, EMPTY_CATALOG } from './rule/supply.ts';
import type { Totals } from './rule/tally-view.ts';

export type ExchangeParts = {
  readonly demand: Demand;
  readonly spool: Pick<Spool, 'append' | 'find'>;
  readonly stats: Omit<Stats, 'flush'>;
  readonly clock: Clock;
  /** Ends an auction at its deadline. */
  readonly timers: Timers;
  /** Draws the seed of each auction. */
  readonly random: Random;
  readonly nextAuctionId: () => string;
  /** The auctions of all nodes; null when none is configured. */
  readonly archive: Pick<AuctionArchive, 'find' | 'readTotals'> | null;
};

export type SupplyAuction = { readonly supplyId: string; readonly country: string | null };

export type BatchAuction = {
  readonly imps: readonly Imp[];
  readonly bidders: readonly CalledBidder[];
};

/** An auction, or the reason why none was held, which the caller must answer with. */
export type Held = { readonly kind: 'held'; readonly event: AuctionEvent };
export type NotHeld = { readonly kind: 'unknown-supply' | 'no-eligible-bidder' };

/** The live counters of the nodes, or those of the archive, which lag them a little. */
export type TotalsSource = 'live' | 'archive';

export type Exchange = {
  /** Puts a catalogue version in force for all auctions that start from now on. */
  useCatalog(catalog: CatalogVersion): void;
  catalogVersion(): number;
  supplyIds(): readonly string[];
  /** Why this auction cannot be held now, so that a caller counts only auctions that can. */
  refusalOf(auction: SupplyAuction): NotHeld | null;
  /** One impression of a catalogue supply, offered to its eligible bidders. */
  holdAuction(auction: SupplyAuction, deadline: Deadline): Promise<Held | NotHeld>;
  /** Many impressions offered to the named bidders; none need be in the catalogue. */
  holdBatch(auction: BatchAuction, deadline: Deadline): Promise<Held>;
  /**
   * A stored auction, of any node when there is an archive; null when unknown or no longer kept.
   */
  findAuction(auctionId: string): Promise<AuctionEvent | null>;
  /** Every auction that this node has held is counted. Rejects with `StatsUnavailableError`. */
  readSupplies: Stats['readSupplies'];
  /**
   * The totals with `topCount` entries per list; null when there is no such source. Rejects with
   * `StatsUnavailableError`, or `ArchiveUnavailableError` for the archive.
   */
  readTotals(source: TotalsSource, topCount: number): Promise<Totals | null>;
};

type Call = {
  readonly kind: AuctionKind;
  readonly imps: readonly Imp[];
  readonly called: readonly CalledBidder[];
  readonly deadline: Deadline;
};

export function createExchange(parts: ExchangeParts): Exchange {
  const { demand, spool, stats, archive, clock, timers, random, nextAuctionId } = parts;
  let index: CatalogIndex = createCatalogIndex(EMPTY_CATALOG);

  async function hold({ kind, imps, called, deadline }: Call): Promise<Held> {
    const { version } = index;
    const auctionId = nextAuctionId();
    const terms = { tmaxMs: deadline.tmaxMs, seed: random.seed() };
    const offer = { auctionId, imps };
    const answers = callBidders({ demand, offer, called, deadline, timers });
    const arrived = Array.isArray(answers) ? answers : await answers;
    const results: ImpResult[] = imps.map((imp, impIndex) =>
      decide(imp, answersFor(impIndex, called, arrived), terms),
    );
    const event = {
      auctionId,
      kind,
      atMs: clock.nowMs(),
      catalogVersion: version,
      ...terms,
      results,
    };
    stats.record(event, spool.append(event));
    return { kind: 'held', event };
  }

  return {
    useCatalog: (catalog) => {
      index = createCatalogIndex(catalog);
    },
    catalogVersion: () => index.version,
    supplyIds: () => index.supplyIds,
    refusalOf: (auction) => {
      const found = callOf(index, auction);
      return 'imps' in found ? null : found;
    },
    holdAuction: (auction, deadline) => {
      const found = callOf(index, auction);
      return 'imps' in found ? hold({ ...found, deadline }) : Promise.resolve(found);
    },
    holdBatch: ({ imps, bidders }, deadline) =>
      hold({ kind: 'batch', imps, called: bidders, deadline }),
    findAuction: async (auctionId) =>
      (await spool.find(auctionId)) ?? (await archive?.find(auctionId)) ?? null,
    readSupplies: (which) => stats.readSupplies(which),
    readTotals: async (source, topCount) => {
      const counted = source === 'archive' ? archive : stats;
      return (await counted?.readTotals(topCount)) ?? null;
    },
  };
}

/** The bidders that a supply's impression is offered to. */
function callOf(
  index: CatalogIndex,
  { supplyId, country }: SupplyAuction,
): Omit<Call, 'deadline'> | NotHeld {
  const supply = index.supply(supplyId);
  if (supply === undefined) return { kind: 'unknown-supply' };
  const called = index.eligible(supply, country);
  if (called.length === 0) return { kind: 'no-eligible-bidder' };
  const { floorMicros, auctionType, incrementMicros } = supply;
  const imp = { supplyId, country, floorMicros, auctionType, incrementMicros };
  return { kind: 'supply', imps: [imp], called };
}

/** The answers of all called bidders for one impression. */
function answersFor(
  impIndex: number,
  called: readonly CalledBidder[],
  arrived: readonly BidderAnswer[],
): Answer[] {
  return called.map(({ id: bidderId }, index) => {
    const answer = present(arrived[index], `the answer of ${bidderId}`);
    if (answer.kind !== 'bids') return noPrice(bidderId, answer.kind, answer.latencyUs);
    const priceMicros = bestPrice(answer.bids, impIndex);
    if (priceMicros === undefined) return noPrice(bidderId, 'no-bid', answer.latencyUs);
    return { bidderId, outcome: 'bid', priceMicros, latencyUs: answer.latencyUs };
  });
}

function noPrice(bidderId: string, outcome: Outcome, latencyUs: number): Answer {
  return { bidderId, outcome, priceMicros: ZERO_MICROS, latencyUs };
}

function bestPrice(bids: readonly ImpBid[], impIndex: number): Micros | undefined {
  let best: Micros | undefined;
  for (const bid of bids) {
    if (bid.impIndex !== impIndex) continue;
    if (best === undefined || bid.priceMicros > best) best = bid.priceMicros;
  }
  return best;
}
