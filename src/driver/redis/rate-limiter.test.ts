import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { connectRedis, freshName } from '../../../test/support/redis-connection.ts';
import { sharedRedis } from '../../../test/support/servers.ts';
import {
  sharedClusterConnection,
  sharedRedisConnection,
} from '../../../test/support/shared-redis-connection.ts';
import {
  type ExactLimiter,
  exactRateLimiterContract,
  type LimiterUnderTest,
  rateLimiterContract,
} from '../../server/port/rate-limiter.contract.ts';
import type { RateLimit } from '../../server/port/rate-limiter.ts';
import type { RedisConnection } from './line/connection.ts';
import { createRedisRateLimiter } from './rate-limiter.ts';

const RULE: RateLimit = { maxRequests: 3, windowMs: 1_000 };

let redis: RedisConnection;
let other: RedisConnection;
let cluster: RedisConnection;

beforeAll(async () => {
  redis = await sharedRedisConnection();
  other = await connectRedis(await sharedRedis());
  cluster = await sharedClusterConnection();
});
afterAll(() => other[Symbol.asyncDispose]());

function opener(connection: () => RedisConnection) {
  return async (rule: RateLimit): Promise<LimiterUnderTest> => ({
    limiter: createRedisRateLimiter(connection(), rule, { name: freshName() }),
    pass: (ms) => Bun.sleep(ms),
    [Symbol.asyncDispose]: async () => {},
  });
}

async function openExact(rule: RateLimit): Promise<ExactLimiter> {
  const clock = createManualClock();
  const limiter = createRedisRateLimiter(redis, rule, { name: freshName(), clock });
  return { clock, limiter, [Symbol.asyncDispose]: async () => {} };
}

rateLimiterContract(
  'Redis',
  opener(() => redis),
);
rateLimiterContract(
  'a Redis Cluster',
  opener(() => cluster),
);
exactRateLimiterContract('Redis', openExact);

describe('a rate limiter in Redis', () => {
  test('allows no more when the hits come from two nodes at once', async () => {
    const name = freshName();
    const nodes = [redis, other].map((node) => createRedisRateLimiter(node, RULE, { name }));
    const hits = Array.from({ length: 30 }, () => nodes.map((node) => node.hit('a'))).flat();
    const verdicts = await Promise.all(hits);
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(RULE.maxRequests);
  });

  test('never has more in any window while two nodes hit it without a pause', async () => {
    const rule = { maxRequests: 5, windowMs: 100 };
    const name = freshName();
    const allowed: { sentAtMs: number; heardAtMs: number }[] = [];
    const endsAtMs = performance.now() + 1_000;
    async function hitOn(node: RedisConnection): Promise<void> {
      const limiter = createRedisRateLimiter(node, rule, { name });
      while (performance.now() < endsAtMs) {
        const sentAtMs = performance.now();
        const verdict = await limiter.hit('a');
        if (verdict.allowed) allowed.push({ sentAtMs, heardAtMs: performance.now() });
      }
    }
    await Promise.all([hitOn(redis), hitOn(other), hitOn(redis), hitOn(other)]);
    expect(allowed.length).toBeGreaterThan(40);
    for (const [index, { heardAtMs }] of allowed.entries()) {
      if (index < rule.maxRequests) continue;
      // Each was decided between its two times: these cannot be closer than the decisions were.
      const first = allowed.slice(index - rule.maxRequests, index + 1);
      const sentAtMs = Math.min(...first.map((hit) => hit.sentAtMs));
      expect(heardAtMs - sentAtMs).toBeGreaterThanOrEqual(rule.windowMs);
    }
  });

  test('decides hits that go together in their order, each for its key', async () => {
    const limiter = createRedisRateLimiter(redis, RULE, { name: freshName() });
    const keys = Array.from({ length: 256 }, (_, hit) => `client${hit % 64}`);
    const verdicts = await Promise.all(keys.map((key) => limiter.hit(key)));
    const expected = keys.map((_, hit) => [true, true, true, false][Math.floor(hit / 64)]);
    expect(verdicts.map(({ allowed }) => allowed)).toEqual(expected as boolean[]);
  });

  test('takes every text for a key', async () => {
    const limiter = createRedisRateLimiter(redis, RULE, { name: freshName() });
    for (const key of ['', '{', '{}', '{a}b', 'a}', '\0', 'ü', ':', 'x'.repeat(1_000)]) {
      const verdicts = [await limiter.hit(key), await limiter.hit(key)];
      expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1]);
    }
  });

  test('keeps as many members as the rule allows hits, and nothing after the window', async () => {
    const name = freshName();
    const limiter = createRedisRateLimiter(redis, { ...RULE, windowMs: 200 }, { name });
    for (let hit = 0; hit < 50; hit++) await limiter.hit('a');
    expect(await redis.client.zcard(`rate:${name}:a`)).toBe(3);
    const leftMs = await redis.client.pttl(`rate:${name}:a`);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(201);
    await Bun.sleep(leftMs + 10);
    expect(await redis.client.exists(`rate:${name}:a`)).toBe(0);
  });

  test('goes on after Redis has forgotten its scripts', async () => {
    const limiter = createRedisRateLimiter(redis, RULE, { name: freshName() });
    await limiter.hit('a');
    await redis.client.script('FLUSH');
    const verdicts = await Promise.all([limiter.hit('a'), limiter.hit('b'), limiter.hit('c')]);
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([1, 2, 2]);
  });

  test('rejects when Redis has no room, and Redis is not thought away for it', async () => {
    const limiter = createRedisRateLimiter(redis, RULE, { name: freshName() });
    await redis.client.config('SET', 'maxmemory', '1');
    try {
      await expect(limiter.hit('a')).rejects.toThrow('OOM');
      expect(redis.isUp()).toBe(true);
    } finally {
      await redis.client.config('SET', 'maxmemory', '0');
    }
    expect((await limiter.hit('a')).allowed).toBe(true);
  });
});
