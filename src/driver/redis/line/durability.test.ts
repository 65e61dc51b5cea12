/** The reported risks of losing data in a Redis. */
import { expect, test } from 'bun:test';
import { Cluster } from 'ioredis';
import { openRedisServer } from '../../../../deploy/local/redis.ts';
import { connectRedis } from '../../../../test/support/redis-connection.ts';
import { sharedClusterConnection } from '../../../../test/support/shared-redis-connection.ts';
import { lossySettings } from './durability.ts';

test('a Redis that keeps all it acknowledged gets no report', async () => {
  await using server = await openRedisServer();
  await using redis = await connectRedis(server);
  expect(await lossySettings(redis)).toEqual([]);
});

test('each setting that can lose bids is named with its value', async () => {
  await using server = await openRedisServer({
    appendFsync: 'everysec',
    args: ['--aof-load-truncated', 'yes', '--maxmemory-policy', 'allkeys-lru'],
  });
  await using redis = await connectRedis(server);
  expect(await lossySettings(redis)).toEqual([
    'appendfsync everysec',
    'aof-load-truncated yes',
    'maxmemory-policy allkeys-lru',
  ]);
});

test('a setting of all masters of a Cluster is named once', async () => {
  const redis = await sharedClusterConnection();
  if (!(redis.client instanceof Cluster)) throw new TypeError('no Cluster');
  const masters = redis.client.nodes('master');
  const setAll = (value: string) =>
    Promise.all(masters.map((master) => master.config('SET', 'aof-load-truncated', value)));
  await setAll('yes');
  expect(masters.length).toBeGreaterThan(1);
  expect(await lossySettings(redis)).toEqual(['aof-load-truncated yes']);
  await setAll('no');
});

test('a Redis that is away, or does not reveal its settings, gets no report', async () => {
  await using server = await openRedisServer({ args: ['--rename-command', 'CONFIG', ''] });
  await using redis = await connectRedis(server);
  expect(await lossySettings(redis)).toEqual([]);
  server.kill('SIGKILL');
  await server.exited;
  expect(await lossySettings(redis)).toEqual([]);
});
