/** Statistics in Redis as a node of its own has them; any error fails the test unless it is taken. */
import type { RedisConnection } from '../../src/driver/redis/line/connection.ts';
import {
  createRedisStats,
  type RedisStats,
  type RedisStatsOptions,
} from '../../src/driver/redis/stats.ts';
import type { OpenStats } from '../../src/exchange/port/stats.contract.ts';
import { createCountingSpool } from './counting-spool.ts';
import { freshName } from './redis-connection.ts';

export type OpenRedisStats = OpenStats & { readonly stats: RedisStats };

export function openRedisStats(
  redis: RedisConnection,
  prefix: string,
  options: Pick<Partial<RedisStatsOptions>, 'onError' | 'waiting'> = {},
): OpenRedisStats {
  const node = freshName();
  const stats = createRedisStats(redis, { onError: fail, ...options, node, prefix, settleMs: 0 });
  return {
    stats,
    spool: createCountingSpool(),
    [Symbol.asyncDispose]: () => stats[Symbol.asyncDispose](),
  };
}

function fail(error: unknown): never {
  throw error;
}
