/** Reads the statistics: hashes of supplies, and the totals with their top lists. */
import { present } from '../../../core/assert.ts';
import { type Micros, toMicros } from '../../../core/money.ts';
import type { SupplyTally } from '../../../exchange/rule/tally.ts';
import type { SupplyPage, Top, Totals } from '../../../exchange/rule/tally-view.ts';
import type { RedisConnection } from '../line/connection.ts';
import totalsText from '../script/read-totals.lua' with { type: 'text' };
import { createScript } from '../script/script.ts';
import { supplyOfHash } from './stats-hash.ts';
import type { StatsKeys } from './stats-key.ts';

const READ_TOTALS = createScript(totalsText);
/** A hash may hold a thousand bidders: more at a time would block Redis too long. */
const HASHES_AT_A_TIME = 50;

export function createStatsReader(redis: RedisConnection, keys: StatsKeys) {
  async function readSupply(supplyId: string): Promise<readonly [string, SupplyTally]> {
    const key = keys.supply(supplyId);
    return [supplyId, supplyOfHash(await redis.call(key, (client) => client.hgetall(key)))];
  }

  async function listed({ offset, limit }: SupplyPage): Promise<string[]> {
    const last = Math.min(offset + limit - 1, Number.MAX_SAFE_INTEGER);
    return redis.call(keys.supplies, (client) => client.zrange(keys.supplies, offset, `${last}`));
  }

  async function readSupplies(
    which: { supplyId: string } | SupplyPage,
  ): Promise<ReadonlyMap<string, SupplyTally>> {
    const ids = 'supplyId' in which ? [which.supplyId] : await listed(which);
    const supplies = new Map<string, SupplyTally>();
    for (let start = 0; start < ids.length; start += HASHES_AT_A_TIME) {
      const some = ids.slice(start, start + HASHES_AT_A_TIME);
      for (const [id, supply] of await Promise.all(some.map(readSupply))) {
        // Unknown, or listed by a node that has not added its counters yet.
        if (supply.requests > 0) supplies.set(id, supply);
      }
    }
    return supplies;
  }

  async function readTotals(topCount: number): Promise<Totals> {
    const reply = await redis.run(READ_TOTALS, keys.totals, [topCount]);
    const [auctions, revenue, supplies, bidders] = reply as [string, string, string[], string[]];
    return {
      auctions: Number(auctions),
      revenueMicros: toMicros(Number(revenue)),
      topBidders: tops(bidders),
      topSupplies: tops(supplies),
    };
  }

  return { readSupplies, readTotals };
}

/** From repeated triples of id, negative micros, auctions. */
function tops(flat: readonly string[]): Top[] {
  const list: Top[] = [];
  for (let at = 0; at < flat.length; at += 3) {
    const text = (index: number) => present(flat[at + index], 'a value of a top');
    const totalMicros = positive(Number(text(1)));
    list.push({ id: text(0), totalMicros, auctions: Number(text(2)) });
  }
  return list;
}

/** Not by a minus sign: that would turn zero into negative zero. */
function positive(negative: number): Micros {
  return toMicros(Math.abs(negative));
}
