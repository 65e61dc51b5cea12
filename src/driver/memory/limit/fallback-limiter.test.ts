import { describe, expect, test } from 'bun:test';
import { openRedisServer, type RedisServer } from '../../../../deploy/local/redis.ts';
import { createManualClock, type ManualClock } from '../../../../test/support/manual-clock.ts';
import { connectRedis } from '../../../../test/support/redis-connection.ts';
import { systemClock } from '../../../core/clock.ts';
import { rateLimiterContract } from '../../../server/port/rate-limiter.contract.ts';
import type { RateLimitVerdict } from '../../../server/port/rate-limiter.ts';
import type { RedisConnection } from '../../redis/line/connection.ts';
import { createRedisRateLimiter } from '../../redis/rate-limiter.ts';
import { createMemoryRateLimiter } from '../rate-limiter.ts';
import { createFallbackLimiter, type FallbackLimiter } from './fallback-limiter.ts';

const RULE = { maxRequests: 3, windowMs: 60_000 };
const ANSWER_MS = 100;
/** The delay of a busy machine: the longest that a call may take that is refused at once. */
const AT_ONCE_MS = 20;
const BACK_MS = 2_000;
const CALM_MS = 2_000;

type Node = {
  readonly limiter: FallbackLimiter;
  readonly changes: unknown[];
  /** By which it is degraded for a while. */
  readonly clock: ManualClock;
};

function createNode(redis: RedisConnection): Node {
  const changes: unknown[] = [];
  const clock = createManualClock();
  const limiter = createFallbackLimiter({
    shared: createRedisRateLimiter(redis, RULE, { name: 'bid' }),
    own: createMemoryRateLimiter(RULE, systemClock),
    clock,
    onChange: (reason) => changes.push(reason),
  });
  return { limiter, changes, clock };
}

async function withNodes(
  act: (server: RedisServer, one: Node, other: Node) => Promise<void>,
): Promise<void> {
  await using server = await openRedisServer();
  await using first = await connectRedis(server);
  await using second = await connectRedis(server);
  await act(server, createNode(first), createNode(second));
}

async function timedHit({ limiter }: Node, key: string) {
  const startMs = performance.now();
  const verdict: RateLimitVerdict = await limiter.hit(key);
  return { verdict, ms: performance.now() - startMs };
}

async function remainingOf({ limiter }: Node, key: string): Promise<number> {
  return (await limiter.hit(key)).remaining;
}

/** Hits until the shared window answers. @returns how long that took. */
async function untilBack(node: Node): Promise<number> {
  const startMs = performance.now();
  do {
    node.clock.advance(CALM_MS);
    await node.limiter.hit('probe');
    await new Promise(setImmediate);
  } while (node.limiter.isDegraded());
  return performance.now() - startMs;
}

async function expectOwnWindow(node: Node): Promise<void> {
  const first = await timedHit(node, 'b');
  expect(first.verdict).toMatchObject({ allowed: true, remaining: 2 });
  expect(first.ms).toBeLessThan(ANSWER_MS + AT_ONCE_MS);
  expect(node.limiter.isDegraded()).toBe(true);
  for (const remaining of [1, 0, 0]) {
    const { verdict, ms } = await timedHit(node, 'b');
    expect(verdict.remaining).toBe(remaining);
    expect(ms).toBeLessThan(AT_ONCE_MS);
  }
}

async function expectSharedWindow(one: Node, other: Node): Promise<void> {
  expect(await untilBack(one)).toBeLessThan(BACK_MS);
  await untilBack(other);
  expect([await remainingOf(one, 'c'), await remainingOf(other, 'c')]).toEqual([2, 1]);
}

rateLimiterContract('two limiters of which one is there', async (rule) => {
  const clock = createManualClock();
  const limiter = createFallbackLimiter({
    shared: createMemoryRateLimiter(rule, clock),
    own: createMemoryRateLimiter(rule, clock),
    clock,
    onChange: () => {},
  });
  const pass = async (ms: number) => clock.advance(ms);
  return { limiter, pass, [Symbol.asyncDispose]: async () => {} };
});

describe('a limiter that falls back', () => {
  test('shares one window between the nodes while Redis is there', () =>
    withNodes(async (_server, one, other) => {
      const remaining = [await remainingOf(one, 'a'), await remainingOf(other, 'a')];
      expect([...remaining, await remainingOf(one, 'a')]).toEqual([2, 1, 0]);
      expect((await other.limiter.hit('a')).allowed).toBe(false);
      expect([one.changes, other.changes]).toEqual([[], []]);
    }));

  test('limits by node while Redis is dead, and by all nodes soon after it is back', () =>
    withNodes(async (server, one, other) => {
      await one.limiter.hit('a');
      server.kill('SIGKILL');
      await expectOwnWindow(one);
      expect(await remainingOf(other, 'b')).toBe(2);
      await server.restart();
      await expectSharedWindow(one, other);
      expect(one.changes).toEqual([expect.any(Error), null]);
    }));

  test('answers in time while Redis stands still, and shares again soon after it goes on', () =>
    withNodes(async (server, one, other) => {
      await one.limiter.hit('a');
      server.kill('SIGSTOP');
      await expectOwnWindow(one);
      server.kill('SIGCONT');
      await expectSharedWindow(one, other);
    }));

  test('does not reopen a used window when Redis dies', () =>
    withNodes(async (server, one) => {
      for (let hit = 0; hit < 3; hit++) await one.limiter.hit('a');
      server.kill('SIGKILL');
      expect((await one.limiter.hit('a')).allowed).toBe(false);
    }));

  test('goes on when Redis answers with an error', () =>
    withNodes(async (server, one) => {
      await using redis = await connectRedis(server);
      await redis.client.config('SET', 'maxmemory', '1');
      expect(await remainingOf(one, 'a')).toBe(2);
      expect(one.limiter.isDegraded()).toBe(true);
      await redis.client.config('SET', 'maxmemory', '0');
      one.clock.advance(CALM_MS);
      expect(await remainingOf(one, 'a')).toBe(2);
      expect(one.limiter.isDegraded()).toBe(false);
    }));

  test('reports once while every other hit fails, and again when none has failed for a while', async () => {
    const clock = createManualClock();
    const changes: unknown[] = [];
    const there = createMemoryRateLimiter(RULE, systemClock);
    const limiter = createFallbackLimiter({
      shared: { hit: async (key) => (key === 'away' ? Promise.reject(RULE) : there.hit(key)) },
      own: createMemoryRateLimiter(RULE, systemClock),
      clock,
      onChange: (reason) => changes.push(reason),
    });
    for (let round = 0; round < 10; round++) {
      await limiter.hit('away');
      clock.advance(CALM_MS / 2);
      await limiter.hit('there');
    }
    expect(changes).toEqual([RULE]);
    clock.advance(CALM_MS / 2);
    expect(limiter.isDegraded()).toBe(false);
    await limiter.hit('there');
    expect(changes).toEqual([RULE, null]);
  });
});
