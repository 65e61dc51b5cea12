/** The statistics while Redis is away. */
import { describe, expect, test } from 'bun:test';
import { setTimeout } from 'node:timers/promises';
import { openRedisServer, type RedisServer } from '../../../../deploy/local/redis.ts';
import { eventOf, impOf, resultOf, silenceOf } from '../../../../test/support/auction.ts';
import { connectRedis } from '../../../../test/support/redis-connection.ts';
import { type OpenRedisStats, openRedisStats } from '../../../../test/support/redis-stats.ts';
import { createRandom } from '../../../core/random.ts';
import { countAll, holdAll, readAll, saleOf } from '../../../exchange/port/stats.contract.ts';
import { StatsUnavailableError } from '../../../exchange/port/stats.ts';
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import type { RedisConnection } from '../line/connection.ts';

const ANSWER_MS = 120;
const BACK_MS = 2_000;
/** More than the other tests need. */
const WAITING = 50_000;

type Stage = {
  readonly server: RedisServer;
  readonly redis: RedisConnection;
  readonly node: OpenRedisStats;
  readonly errors: unknown[];
};

async function onStage(act: (stage: Stage) => Promise<void>): Promise<void> {
  await using server = await openRedisServer();
  await using redis = await connectRedis(server);
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  await using node = openRedisStats(redis, '', { onError, waiting: WAITING });
  await act({ server, redis, node, errors });
}

/** How a promise was rejected, and after how long. */
async function rejection(promise: Promise<unknown>) {
  const startMs = performance.now();
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - startMs };
}

async function expectUnavailable({ node }: Stage): Promise<void> {
  const reads = [
    node.stats.readTotals(10),
    node.stats.readSupplies({ supplyId: 'a' }),
    node.stats.readSupplies({ offset: 0, limit: 10 }),
    node.stats.flush(),
  ];
  for (const { error, ms } of await Promise.all(reads.map(rejection))) {
    expect(error).toBeInstanceOf(StatsUnavailableError);
    expect(ms).toBeLessThan(ANSWER_MS);
  }
}

/** All readable values, as soon as they can be read again. */
async function readWhenBack({ stats }: OpenRedisStats): Promise<unknown> {
  const endsAtMs = performance.now() + BACK_MS;
  for (;;) {
    const counts = await readAll(stats).catch((error: unknown) => error);
    if (!(counts instanceof StatsUnavailableError) || performance.now() > endsAtMs) return counts;
    await new Promise(setImmediate);
  }
}

/** An auction of a hundred supplies with a hundred bidders, all of them new. */
function newEverywhere(auction: number): AuctionEvent {
  const answers = Array.from({ length: 100 }, (_, index) => silenceOf(`bidder${index}`, 'no-bid'));
  const imps = Array.from({ length: 100 }, (_, index) =>
    impOf({ supplyId: `s${auction}-${index}` }),
  );
  return eventOf(`auc_${auction}`, ...imps.map((imp) => resultOf(imp, ...answers)));
}

describe('statistics while Redis is dead', () => {
  test('go on counting, reject reads, and are exact when it is back', () =>
    onStage(async (stage) => {
      const { server, node, errors } = stage;
      holdAll(node, [saleOf('a')]);
      await node.stats.flush();
      server.kill('SIGKILL');
      holdAll(node, [saleOf('a'), saleOf('b')]);
      await expectUnavailable(stage);
      holdAll(node, [saleOf('c')]);
      await expectUnavailable(stage);
      expect(errors).toHaveLength(1);
      await server.restart();
      const events = ['a', 'a', 'b', 'c'].map((id) => saleOf(id));
      expect(await readWhenBack(node)).toEqual(countAll(events));
      expect(node.stats.droppedAuctions()).toBe(0);
    }));

  test('are flushed automatically when it is back', () =>
    onStage(async ({ server, redis, node }) => {
      server.kill('SIGKILL');
      holdAll(node, [saleOf('a')]);
      await node.stats.flush().catch(() => {});
      await server.restart();
      const endsAtMs = performance.now() + BACK_MS;
      while ((await redis.client.exists('{stats}:totals').catch(() => 0)) === 0) {
        expect(performance.now()).toBeLessThan(endsAtMs);
        await new Promise(setImmediate);
      }
    }));

  test('count up to their bound, and report how many auctions were not counted', () =>
    onStage(async ({ server, node }) => {
      server.kill('SIGKILL');
      const countersOfOne = 100 + 100 * 100;
      const most = Math.ceil(WAITING / countersOfOne);
      for (let auction = 0; auction < most; auction++) holdAll(node, [newEverywhere(auction)]);
      expect(node.stats.droppedAuctions()).toBe(0);
      holdAll(node, [saleOf('a'), saleOf('b')]);
      expect(node.stats.droppedAuctions()).toBe(2);
    }));
});

describe('a call to Redis whose answer was lost', () => {
  test('is counted once', () =>
    onStage(async ({ server, node }) => {
      const events = ['a', 'b', 'a', 'b', 'c'].map((id) => saleOf(id));
      holdAll(node, events.slice(0, 2));
      await node.stats.flush();
      holdAll(node, events.slice(2));
      // The call is in the socket of a frozen Redis, which runs it when it resumes.
      server.kill('SIGSTOP');
      await expect(node.stats.flush()).rejects.toBeInstanceOf(StatsUnavailableError);
      server.kill('SIGCONT');
      expect(await readWhenBack(node)).toEqual(countAll(events));
    }));

  test(
    'is counted once whenever Redis dies or stands still',
    () =>
      onStage(async ({ server, redis, node }) => {
        const random = createRandom(4);
        const events: AuctionEvent[] = [];
        for (let round = 0; round < 15; round++) {
          const some = Array.from({ length: 400 }, (_, index) =>
            saleOf(`supply${random.integer(0, 900)}`, `bidder${index % 400}`),
          );
          events.push(...some);
          holdAll(node, some);
          const flushed = node.stats.flush().catch(() => {});
          await setTimeout(random.integer(0, 12));
          const kill = random.next() < 0.5;
          server.kill(kill ? 'SIGKILL' : 'SIGSTOP');
          await flushed;
          if (kill) await server.restart();
          else server.kill('SIGCONT');
          expect(await redis.whenUp(BACK_MS)).toBe(true);
        }
        expect(await readWhenBack(node)).toEqual(countAll(events));
      }),
    20_000,
  );
});

test('statistics that Redis has no room for wait in the node', () =>
  onStage(async (stage) => {
    const { redis, node, errors } = stage;
    await redis.client.config('SET', 'maxmemory', '1');
    holdAll(node, [saleOf('a')]);
    await expectUnavailable(stage);
    expect(redis.isUp()).toBe(true);
    expect(errors).toHaveLength(1);
    await redis.client.config('SET', 'maxmemory', '0');
    expect(await readAll(node.stats)).toEqual(countAll([saleOf('a')]));
  }));
