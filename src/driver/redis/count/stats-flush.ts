/**
 * Adds a node's counters to Redis, each exactly once.
 *
 * A flush stays unchanged until Redis has confirmed all of it: a failed call is sent again with the
 * same number. Totals go first and one call at a time, because a number implies all before it;
 * their replies name the supplies that are not listed (the list is full), and those get no hash.
 */
import { present } from '../../../core/assert.ts';
import { EXCHANGE_LIMIT } from '../../../exchange/rule/limit.ts';
import type { SupplyTally, Tally } from '../../../exchange/rule/tally.ts';
import type { RedisConnection } from '../line/connection.ts';
import supplyText from '../script/count-supply.lua' with { type: 'text' };
import totalsText from '../script/count-totals.lua' with { type: 'text' };
import { createScript } from '../script/script.ts';
import { runAll } from './script-batch.ts';
import { supplyArguments } from './stats-hash.ts';
import type { StatsKeys } from './stats-key.ts';
import { nextSupplies, type TotalsPart, totalsArguments, totalsParts } from './stats-part.ts';

const COUNT_TOTALS = createScript(totalsText);
const COUNT_SUPPLY = createScript(supplyText);
/** An outage longer than this may count one flush twice. */
const REMEMBER_MS = 24 * 60 * 60 * 1000;

type Part = TotalsPart & { readonly number: number; readonly newBidders: number };

/** The calls that Redis has not confirmed yet. */
type Unconfirmed = {
  readonly number: number;
  readonly parts: Part[];
  readonly supplies: Map<string, SupplyTally>;
};

/**
 * @returns a function that adds all counters: first those not confirmed the last time, then those
 *   of `take`, which it calls once. It must not be called again before it has settled.
 */
export function createStatsFlush(redis: RedisConnection, keys: StatsKeys) {
  let number = 0;
  let unconfirmed: Unconfirmed | undefined;
  /** Bidders that calls created in the hashes and that the totals do not have yet. */
  let newBidders = 0;
  let mayAddBidders = true;

  function numbered(tally: Tally): Unconfirmed {
    const parts = totalsParts(tally).map((part, index) => ({
      ...part,
      number: ++number,
      newBidders: index === 0 ? newBidders : 0,
    }));
    newBidders = 0;
    return { number, parts, supplies: new Map(tally.supplies) };
  }

  async function addTotals({ parts, supplies }: Unconfirmed): Promise<void> {
    for (let part = parts[0]; part !== undefined; part = parts[0]) {
      const words = [REMEMBER_MS, EXCHANGE_LIMIT.tally.supplies];
      const args = [part.number, ...words, ...totalsArguments(part, part.newBidders)];
      const reply = await redis.run(COUNT_TOTALS, [...keys.totals, keys.totalsCall], args);
      const [bidders, ...unlisted] = reply as [number, ...string[]];
      mayAddBidders = bidders < EXCHANGE_LIMIT.tally.counters;
      for (const id of unlisted) supplies.delete(id);
      parts.shift();
    }
  }

  async function addSupplies({ supplies, number: ofFlush }: Unconfirmed): Promise<void> {
    while (supplies.size > 0) {
      const taken = nextSupplies(supplies);
      const most = mayAddBidders ? EXCHANGE_LIMIT.tally.biddersPerSupply : 0;
      const ends = await runAll(
        redis,
        COUNT_SUPPLY,
        taken.map(([id, supply]) => ({
          keys: [keys.supply(id), keys.supplyCall(id)],
          args: [ofFlush, REMEMBER_MS, most, ...supplyArguments(supply)],
        })),
      );
      for (const [index, end] of ends.entries()) {
        if (end.status === 'rejected') continue;
        supplies.delete(present(taken[index], 'the supply of a call')[0]);
        newBidders += Number(end.value);
      }
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }
  }

  async function addAll(all: Unconfirmed): Promise<void> {
    await addTotals(all);
    await addSupplies(all);
  }

  return async (take: () => Tally | undefined): Promise<void> => {
    if (unconfirmed !== undefined) await addAll(unconfirmed);
    unconfirmed = undefined;
    const tally = take();
    if (tally === undefined) return;
    unconfirmed = numbered(tally);
    await addAll(unconfirmed);
    unconfirmed = undefined;
  };
}
