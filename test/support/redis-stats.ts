/** Statistics in Redis as a node of its own has them; any error fails the test unless it is taken. */
import type { RedisConnection } from '../../src/driver/redis/line/connection.ts';
import { createRedisStats, type RedisStats } from '../../src/driver/redis/stats.ts';
import type { OpenStats } from '../../src/exchange/port/stats.contract.ts';
import { createCountingSpool } from './counting-spool.ts';
import { freshName } from './redis-connection.ts';

export type OpenRedisStats = OpenStats & { readonly stats: RedisStats };

export function openRedisStats(
  redis: RedisConnection,
  prefix: string,
  onError: (error: unknown) => void = fail,
): OpenRedisStats {
  const stats = createRedisStats(redis, { node: freshName(), prefix, settleMs: 0, onError });
  return {
    stats,
    spool: createCountingSpool(),
    [Symbol.asyncDispose]: () => stats[Symbol.asyncDispose](),
  };
}

function fail(error: unknown): never {
  throw error;
}
