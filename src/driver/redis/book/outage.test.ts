/** What a node knows and tells of a Redis that is away, silent, or takes nothing. */
import { describe, expect, test } from 'bun:test';
import { inspect } from 'node:util';
import { askRedis, openRedisServer } from '../../../../deploy/local/redis.ts';
import { openRedisAt } from '../../../../test/support/redis-connection.ts';
import { openTcpProxy } from '../../../../test/support/tcp-proxy.ts';
import type { RedisPlace } from '../line/client.ts';
import type { RedisConnection } from '../line/connection.ts';

const BACK_MS = 2_000;
const KNOWN_MS = 1_500;
const PASSWORD = 'open-sesame-4711';

function placeOf({ host, port }: { host: string; port: number }): RedisPlace {
  return { mode: 'single', addresses: [{ host, port }], masterName: null, password: null, db: 0 };
}

const ask = (redis: RedisConnection) => redis.call('any', (client) => client.exists('any'));

/** Whether it comes to hold in time. */
async function comes(holds: () => boolean, withinMs: number): Promise<boolean> {
  const endsAtMs = performance.now() + withinMs;
  while (!holds() && performance.now() < endsAtMs) await Bun.sleep(10);
  return holds();
}

describe('a connection that leads nowhere is given up', () => {
  test('when it was taken and never welcomed', async () => {
    await using server = await openRedisServer();
    await using proxy = await openTcpProxy(server);
    proxy.swallow();
    const taken = proxy.nextConnection();
    await using redis = openRedisAt(placeOf(proxy));
    await taken;
    proxy.serve();
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    expect(await ask(redis)).toBe(0);
  });

  test('when it was in use and fell silent', async () => {
    await using server = await openRedisServer();
    await using proxy = await openTcpProxy(server);
    await using redis = openRedisAt(placeOf(proxy));
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    proxy.swallow();
    proxy.serve();
    await expect(ask(redis)).rejects.toThrow('did not answer');
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    expect(await ask(redis)).toBe(0);
  });

  test('when it fell silent and nobody called', async () => {
    await using server = await openRedisServer();
    await using proxy = await openTcpProxy(server);
    await using redis = openRedisAt(placeOf(proxy));
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    proxy.swallow();
    expect(await comes(() => !redis.isUp(), KNOWN_MS)).toBe(true);
    proxy.serve();
    expect(await redis.whenUp(BACK_MS)).toBe(true);
  });
});

describe('an idle node', () => {
  test('knows that Redis stands still, and that it goes on', async () => {
    await using server = await openRedisServer();
    await using redis = openRedisAt(placeOf(server));
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    server.kill('SIGSTOP');
    expect(await comes(() => !redis.isUp(), KNOWN_MS)).toBe(true);
    server.kill('SIGCONT');
    expect(await redis.whenUp(BACK_MS)).toBe(true);
  });

  test('knows that Redis takes no writes, though it answers, and that it takes them again', async () => {
    await using server = await openRedisServer();
    await using redis = openRedisAt(placeOf(server));
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    expect(redis.isWritable()).toBe(true);
    await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', '1');
    expect(await comes(() => !redis.isWritable(), KNOWN_MS)).toBe(true);
    expect(redis.isUp()).toBe(true);
    await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', '0');
    expect(await comes(redis.isWritable, KNOWN_MS)).toBe(true);
    expect(await askRedis(server.port, 'DBSIZE')).toBe('0');
  });
});

describe('an outage is told', () => {
  test('once, with its reason, and again only when Redis was there in between', async () => {
    await using server = await openRedisServer();
    const told: unknown[] = [];
    await using redis = openRedisAt(placeOf(server), { onError: (error) => told.push(error) });
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    for (let outage = 1; outage <= 2; outage++) {
      server.kill('SIGKILL');
      expect(await comes(() => told.length === outage, KNOWN_MS)).toBe(true);
      expect(String(told.at(-1))).toContain('ECONNREFUSED');
      await Bun.sleep(KNOWN_MS);
      await server.restart();
      expect(await redis.whenUp(BACK_MS)).toBe(true);
      await Bun.sleep(KNOWN_MS);
    }
    expect(told).toHaveLength(2);
  }, 20_000);

  test('when Redis is silent', async () => {
    await using server = await openRedisServer();
    const told: unknown[] = [];
    await using redis = openRedisAt(placeOf(server), { onError: (error) => told.push(error) });
    expect(await redis.whenUp(BACK_MS)).toBe(true);
    server.kill('SIGSTOP');
    expect(await comes(() => told.length > 0, KNOWN_MS)).toBe(true);
    expect(String(told[0])).toContain('no answer in 250 ms');
  });

  test('when the password is wrong or left out, and without it', async () => {
    await using server = await openRedisServer({ args: ['--requirepass', PASSWORD] });
    for (const [password, reason] of [
      [`not-${PASSWORD}`, 'WRONGPASS'],
      [null, 'NOAUTH'],
    ] as const) {
      const told: unknown[] = [];
      const onError = (error: unknown) => told.push(error);
      await using redis = openRedisAt({ ...placeOf(server), password }, { onError });
      expect(await comes(() => told.length > 0, KNOWN_MS)).toBe(true);
      expect(redis.isUp()).toBe(false);
      expect(String(told[0])).toContain(reason);
      expect(inspect(told[0], { depth: null, showHidden: true })).not.toContain(PASSWORD);
    }
  });
});

test('a user signs in by name and password', async () => {
  await using server = await openRedisServer({ args: ['--requirepass', PASSWORD] });
  const place = placeOf(server);
  await using admin = openRedisAt({ ...place, password: PASSWORD });
  expect(await admin.whenUp(BACK_MS)).toBe(true);
  await admin.client.call('ACL', 'SETUSER', 'gavel', 'on', '>another', '~*', '+@all');
  await using redis = openRedisAt({ ...place, username: 'gavel', password: 'another' });
  expect(await redis.whenUp(BACK_MS)).toBe(true);
  expect(await redis.call('any', (client) => client.call('ACL', 'WHOAMI'))).toBe('gavel');
});
