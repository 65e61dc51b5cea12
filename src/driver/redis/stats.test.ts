import { beforeAll, describe, expect, test } from 'bun:test';
import { bidOf, eventOf, impOf, resultOf, silenceOf } from '../../../test/support/auction.ts';
import { freshName } from '../../../test/support/redis-connection.ts';
import { openRedisStats } from '../../../test/support/redis-stats.ts';
import {
  sharedClusterConnection,
  sharedRedisConnection,
} from '../../../test/support/shared-redis-connection.ts';
import {
  countAll,
  holdAll,
  readAll,
  type StatsStore,
  saleOf,
  statsContract,
} from '../../exchange/port/stats.contract.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { EXCHANGE_LIMIT } from '../../exchange/rule/limit.ts';
import type { RedisConnection } from './line/connection.ts';

let redis: RedisConnection;
let cluster: RedisConnection;

beforeAll(async () => {
  redis = await sharedRedisConnection();
  cluster = await sharedClusterConnection();
});

function opener(connection: () => RedisConnection) {
  return async (): Promise<StatsStore> => {
    const prefix = `${freshName()}:`;
    return {
      open: async () => openRedisStats(connection(), prefix),
      [Symbol.asyncDispose]: async () => {},
    };
  };
}

statsContract(
  'Redis',
  opener(() => redis),
);
statsContract(
  'a Redis Cluster',
  opener(() => cluster),
);

function sales(count: number): AuctionEvent[] {
  return Array.from({ length: count }, (_, index) =>
    saleOf(`supply${index % 700}`, `bidder${index % 601}`, (1 + (index % 50)) / 100),
  );
}

describe('statistics in Redis', () => {
  test('count what all nodes have recorded', async () => {
    const prefix = `${freshName()}:`;
    await using one = openRedisStats(redis, prefix);
    await using other = openRedisStats(redis, prefix);
    const events = ['a', 'b', 'a', 'c'].map((id) => saleOf(id));
    for (const event of events) {
      holdAll(one, [event]);
      await one.stats.flush();
      holdAll(other, [event]);
      await other.stats.flush();
    }
    const all = events.flatMap((event) => [event, event]);
    expect(await readAll(one.stats)).toEqual(countAll(all));
    expect(await readAll(other.stats)).toEqual(countAll(all));
  });

  test('reach the other nodes without being asked for', async () => {
    const prefix = `${freshName()}:`;
    await using one = openRedisStats(redis, prefix);
    await using other = openRedisStats(redis, prefix);
    holdAll(one, [saleOf('a')]);
    while ((await other.stats.readTotals(1)).auctions === 0) await new Promise(setImmediate);
    expect(await readAll(other.stats)).toEqual(countAll([saleOf('a')]));
  });

  test('are exact when one flush is more than one call may bring', async () => {
    for (const connection of [redis, cluster]) {
      await using opened = openRedisStats(connection, `${freshName()}:`);
      const events = sales(1_000);
      holdAll(opened, events);
      expect(await readAll(opened.stats)).toEqual(countAll(events));
    }
  });

  test('are exact when reads and records run through each other', async () => {
    await using opened = openRedisStats(redis, `${freshName()}:`);
    let held = 0;
    const walks = Array.from({ length: 20 }, async (_, walk) => {
      for (let round = 0; round < 10; round++) {
        holdAll(opened, [saleOf(`supply${walk}`)]);
        const expected = ++held;
        expect((await opened.stats.readTotals(1)).auctions).toBeGreaterThanOrEqual(expected);
      }
    });
    await Promise.all(walks);
    expect((await opened.stats.readTotals(1)).auctions).toBe(200);
  });

  test('lie in a hash a supply, under the names that are documented', async () => {
    const prefix = `${freshName()}:`;
    await using opened = openRedisStats(redis, prefix);
    const answers = [bidOf('b:1', 0.5), silenceOf('b:2', 'no-bid')];
    holdAll(opened, [
      eventOf('auc_1', resultOf(impOf({ supplyId: 's', country: 'GB' }), ...answers)),
    ]);
    await opened.stats.flush();
    expect(await redis.client.hgetall(`${prefix}stats:{s}`)).toEqual({
      total_reqs: '1',
      revenue_micros: '500000',
      'country:GB': '1',
      bidders: '2',
      'bidder:b:1:wins': '1',
      'bidder:b:1:revenue_micros': '500000',
      'bidder:b:2:wins': '0',
      'bidder:b:2:no_bids': '1',
    });
  });

  test('forget the number of a call some time, and no counter', async () => {
    const prefix = `${freshName()}:`;
    await using opened = openRedisStats(redis, prefix);
    holdAll(opened, [saleOf('a')]);
    await opened.stats.flush();
    const keys = await redis.client.keys(`${prefix}*`);
    for (const key of keys) {
      const expires = (await redis.client.pttl(key)) > 0;
      expect([key, expires]).toEqual([key, key.includes(':call:')]);
    }
    expect(keys).toHaveLength(9);
  });

  test('tell no more than a thousand bidders of a supply apart, and keep all in the totals', async () => {
    await using opened = openRedisStats(redis, `${freshName()}:`);
    for (let bidder = 0; bidder <= EXCHANGE_LIMIT.tally.biddersPerSupply; bidder++) {
      holdAll(opened, [saleOf('a', `bidder${bidder}`)]);
      if (bidder % 400 === 0) await opened.stats.flush();
    }
    const supply = (await opened.stats.readSupplies({ supplyId: 'a' })).get('a');
    expect(supply?.bidders.size).toBe(EXCHANGE_LIMIT.tally.biddersPerSupply);
    expect(supply?.requests).toBe(EXCHANGE_LIMIT.tally.biddersPerSupply + 1);
  });

  test('add no bidder to any supply when they are too many, and count those that are there', async () => {
    const prefix = `${freshName()}:`;
    await using opened = openRedisStats(redis, prefix);
    holdAll(opened, [saleOf('a', 'old')]);
    await opened.stats.flush();
    await redis.client.hset(
      `${prefix}{stats}:totals`,
      'bidder_counters',
      EXCHANGE_LIMIT.tally.counters,
    );
    holdAll(opened, [saleOf('a', 'new'), saleOf('a', 'old')]);
    const supply = (await opened.stats.readSupplies({ supplyId: 'a' })).get('a');
    expect(supply?.requests).toBe(3);
    expect(Object.fromEntries(supply?.bidders ?? [])).toMatchObject({ old: { wins: 2 } });
    expect(supply?.bidders.size).toBe(1);
  });
});
