/**
 * Splits a node's counters into calls of bounded size: a call blocks Redis while it runs, so a
 * flush after a long outage must not be one call.
 */
import type { Micros } from '../../../core/money.ts';
import type { GrandTally, SpenderTally, SupplyTally, Tally } from '../../../exchange/rule/tally.ts';

/** Supplies, and bidders, per call that adds to the totals. */
const IDS_PER_CALL = 250;
/** Counters of supplies and bidders per call: a few milliseconds of Redis. */
const COUNTERS_AT_A_TIME = 500;

export type TotalsPart = {
  readonly grand: Omit<GrandTally, 'position'>;
  readonly supplies: readonly (readonly [string, SupplyTally])[];
  readonly spenders: readonly (readonly [string, SpenderTally])[];
};

const NOTHING = { auctions: 0, revenueMicros: 0 as Micros };

export function totalsParts({ grand, supplies, spenders }: Tally): TotalsPart[] {
  const supplyList = [...supplies];
  const spenderList = [...spenders];
  const count = Math.max(supplyList.length, spenderList.length);
  const parts: TotalsPart[] = [];
  for (let start = 0; start === 0 || start < count; start += IDS_PER_CALL) {
    parts.push({
      grand: start === 0 ? grand : NOTHING,
      supplies: supplyList.slice(start, start + IDS_PER_CALL),
      spenders: spenderList.slice(start, start + IDS_PER_CALL),
    });
  }
  return parts;
}

/** The next few supplies, at least one while there is one. */
export function nextSupplies(
  supplies: ReadonlyMap<string, SupplyTally>,
): (readonly [string, SupplyTally])[] {
  const taken: (readonly [string, SupplyTally])[] = [];
  let counters = 0;
  for (const entry of supplies) {
    if (counters >= COUNTERS_AT_A_TIME) break;
    taken.push(entry);
    counters += 1 + entry[1].bidders.size;
  }
  return taken;
}

/** The arguments of `count-totals.lua` from the auctions on. */
export function totalsArguments(
  { grand, supplies, spenders }: TotalsPart,
  newBidders: number,
): (string | number)[] {
  const parts: (string | number)[] = [grand.auctions, grand.revenueMicros, newBidders];
  parts.push(supplies.length);
  for (const [id, { requests, revenueMicros }] of supplies) parts.push(id, requests, revenueMicros);
  for (const [id, { auctions, spentMicros }] of spenders) parts.push(id, auctions, spentMicros);
  return parts;
}
