/** The totals beyond their bounds: too many ids, or too much money. */
import { expect, test } from 'bun:test';
import { freshName } from '../../../../test/support/redis-connection.ts';
import { openRedisStats } from '../../../../test/support/redis-stats.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { toMicros } from '../../../core/money.ts';
import { holdAll, saleOf } from '../../../exchange/port/stats.contract.ts';
import { createSupplyTally } from '../../../exchange/rule/tally.ts';
import totalsText from '../script/count-totals.lua' with { type: 'text' };
import { createScript } from '../script/script.ts';
import { statsKeys } from './stats-key.ts';
import { type TotalsPart, totalsArguments } from './stats-part.ts';

const COUNT_TOTALS = createScript(totalsText);
const KEPT_MS = 60_000;
const MOST_MICROS = toMicros(Number.MAX_SAFE_INTEGER);
const redis = await sharedRedisConnection();

/** Separate totals that list so many supplies and bidders. */
function openTotals(most: number) {
  const keys = statsKeys(`${freshName()}:`, 'node');
  let calls = 0;
  const add = async (part: TotalsPart) => {
    const args = [++calls, KEPT_MS, most, ...totalsArguments(part, 0)];
    const reply = await redis.run(COUNT_TOTALS, [...keys.totals, keys.totalsCall], args);
    const [, ...unlisted] = reply as [number, ...string[]];
    return unlisted;
  };
  const [totals = '', , earned = '', , spent = ''] = keys.totals;
  return { keys, totals, earned, spent, add };
}

/** One auction per id, as a supply and as a bidder. */
function partOf(ids: readonly string[], revenueMicros = toMicros(1)): TotalsPart {
  return {
    grand: { auctions: ids.length, revenueMicros },
    supplies: ids.map((id) => [id, { ...createSupplyTally(), requests: 1, revenueMicros }]),
    spenders: ids.map((id) => [id, { auctions: 1, spentMicros: revenueMicros, position: 0 }]),
  };
}

test('as many ids as the bound are listed, and not one more', async () => {
  const { keys, earned, spent, add } = openTotals(2);
  expect(await add(partOf(['a', 'b', 'c']))).toEqual(['c']);
  expect(await add(partOf(['b', 'd']))).toEqual(['d']);
  for (const set of [keys.supplies, earned, spent]) {
    expect((await redis.client.zrange(set, 0, '-1')).toSorted()).toEqual(['a', 'b']);
  }
});

test('a sum stays at the largest whole number that is exact', async () => {
  const { totals, earned, spent, add } = openTotals(2);
  for (let call = 0; call < 2; call++) await add(partOf(['a'], MOST_MICROS));
  expect(Number(await redis.client.hget(totals, 'revenue_micros'))).toBe(MOST_MICROS);
  for (const set of [earned, spent]) {
    expect(Number(await redis.client.zscore(set, 'a'))).toBe(-MOST_MICROS);
  }
});

test('new bidders are counted once, also when the next flush is more than one call', async () => {
  const prefix = `${freshName()}:`;
  await using opened = openRedisStats(redis, prefix);
  const flush = async (supplies: readonly string[]) => {
    holdAll(
      opened,
      supplies.map((id) => saleOf(id)),
    );
    await opened.stats.flush();
  };
  await flush(['a']);
  await flush(Array.from({ length: 600 }, (_, index) => `supply${index}`));
  // Each flush reports the bidders that the one before it has made.
  await flush(['a']);
  expect(await redis.client.hget(`${prefix}{stats}:totals`, 'bidder_counters')).toBe('601');
});
