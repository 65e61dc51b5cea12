/** Connections to the Redis servers that test files share. */
import type { RedisConnection } from '../../src/driver/redis/line/connection.ts';
import { freeAtEndOfTests } from './end-of-tests.ts';
import { openRedisAt } from './redis-connection.ts';
import { sharedRedis, sharedRedisCluster } from './servers.ts';

export const sharedRedisConnection = once(() => ownConnection('single'));
export const sharedClusterConnection = once(() => ownConnection('cluster'));

/** To the same servers, for a test that closes it. */
export async function ownConnection(mode: 'single' | 'cluster'): Promise<RedisConnection> {
  const addresses = mode === 'single' ? [await sharedRedis()] : (await sharedRedisCluster()).nodes;
  const place = { mode, addresses, masterName: null, password: null, db: 0 };
  // A pause of the test machine must not count against Redis.
  const connection = openRedisAt(place, { timeoutMs: 5_000 });
  if (!(await connection.whenUp(10_000))) throw new Error('the shared Redis is not up');
  return freeAtEndOfTests(connection);
}

function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}
