import { describe, expect, test } from 'bun:test';
import { openRedisServer, type RedisServer } from '../../../../deploy/local/redis.ts';
import { openRedisAt } from '../../../../test/support/redis-connection.ts';
import { createScript } from '../script/script.ts';
import type { RedisPlace } from './client.ts';
import type { RedisConnection } from './connection.ts';
import { RedisDownError } from './redis-error.ts';

const SETTLED_MS = 100;
const BACK_MS = 2_000;
const COUNT_UP = createScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");

/** Blocks Redis for so many milliseconds. */
const BUSY = createScript(`
  local function now() local time = redis.call('TIME') return time[1] * 1000 + time[2] / 1000 end
  local ends = now() + ARGV[1]
  while now() < ends do end
  return 1`);

function placeOf({ host, port }: { host: string; port: number }): RedisPlace {
  return {
    mode: 'single',
    addresses: [{ host, port }],
    masterName: null,
    password: null,
    db: 0,
  };
}

async function withRedis(
  act: (server: RedisServer, redis: RedisConnection) => Promise<void>,
): Promise<void> {
  await using server = await openRedisServer();
  await using redis = openRedisAt(placeOf(server));
  expect(await redis.whenUp(BACK_MS)).toBe(true);
  await act(server, redis);
}

const ping = (redis: RedisConnection) => redis.call('any', (client) => client.exists('any'));

/** How a call ended, and after how long. */
async function timed(call: Promise<unknown>): Promise<{ outcome: unknown; ms: number }> {
  const startedMs = performance.now();
  const outcome = await call.catch((error) => error);
  return { outcome, ms: performance.now() - startedMs };
}

async function expectAway(redis: RedisConnection): Promise<void> {
  const calls = await Promise.all(Array.from({ length: 50 }, () => timed(ping(redis))));
  for (const { outcome, ms } of calls) {
    expect(outcome).toBeInstanceOf(RedisDownError);
    expect(ms).toBeLessThan(SETTLED_MS + 20);
  }
  const later = await timed(ping(redis));
  expect(later.outcome).toBeInstanceOf(RedisDownError);
  expect(later.ms).toBeLessThan(5);
  expect(redis.isUp()).toBe(false);
}

describe('a connection to Redis', () => {
  test('runs a script that Redis has not loaded yet, and one that it has', () =>
    withRedis(async (_server, redis) => {
      expect(await redis.run(COUNT_UP, ['n'], [2])).toBe(2);
      expect(await redis.run(COUNT_UP, ['n'], [3])).toBe(5);
    }));

  test('rejects with the error that Redis answers, and stays up', () =>
    withRedis(async (_server, redis) => {
      await redis.run(COUNT_UP, ['n'], [1]);
      await expect(redis.run(COUNT_UP, ['n'], ['one'])).rejects.toThrow('not an integer');
      expect(redis.isUp()).toBe(true);
    }));

  test('settles every call in time while Redis stands still, and is back soon after', () =>
    withRedis(async (server, redis) => {
      server.kill('SIGSTOP');
      await expectAway(redis);
      // Longer than a silent connection is kept open.
      await Bun.sleep(1_500);
      await expectAway(redis);
      server.kill('SIGCONT');
      expect(await redis.whenUp(BACK_MS)).toBe(true);
      expect(await ping(redis)).toBe(0);
    }));

  test('settles every call in time while Redis is dead, and is back soon after it is', () =>
    withRedis(async (server, redis) => {
      server.kill('SIGKILL');
      await expectAway(redis);
      await server.restart();
      expect(await redis.whenUp(BACK_MS)).toBe(true);
      expect(await redis.run(COUNT_UP, ['n'], [1])).toBe(1);
    }));

  test('sends nothing twice when the connection breaks', () =>
    withRedis(async (server, redis) => {
      await redis.run(COUNT_UP, ['n'], [1]);
      server.kill('SIGSTOP');
      const tried = redis.run(COUNT_UP, ['n'], [1]).catch(() => 'nobody knows');
      redis.client.disconnect(true);
      expect(await tried).toBe('nobody knows');
      server.kill('SIGCONT');
      expect(await redis.whenUp(BACK_MS)).toBe(true);
      expect(Number(await redis.client.get('n'))).toBeLessThanOrEqual(2);
    }));

  test('waits longer for a patient call, and opens no breaker when that is late', () =>
    withRedis(async (_server, redis) => {
      expect(await redis.patient(5_000).run(BUSY, ['n'], [150])).toBe(1);
      const late = redis.patient(30).run(BUSY, ['n'], [60]);
      await expect(late).rejects.toBeInstanceOf(RedisDownError);
      expect(redis.isUp()).toBe(true);
    }));

  test('can be opened before Redis is up', async () => {
    await using server = await openRedisServer();
    server.kill('SIGKILL');
    await using redis = openRedisAt(placeOf(server));
    expect((await timed(ping(redis))).outcome).toBeInstanceOf(RedisDownError);
    await server.restart();
    expect(await redis.whenUp(BACK_MS)).toBe(true);
  });

  test('does not mistake its own standstill for one of Redis', () =>
    withRedis(async (_server, redis) => {
      const calls = Array.from({ length: 20 }, () => ping(redis));
      await new Promise(setImmediate);
      const endsAtMs = performance.now() + 300;
      while (performance.now() < endsAtMs);
      expect(await Promise.all(calls)).toEqual(Array(20).fill(0));
      expect(redis.isUp()).toBe(true);
    }));
});
