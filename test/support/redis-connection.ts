/** A connection of its own to a real Redis that is up, and names that no other test uses. */
import { systemClock } from '../../src/core/clock.ts';
import { systemTimers } from '../../src/core/timer.ts';
import type { RedisPlace } from '../../src/driver/redis/line/client.ts';
import {
  openRedis,
  type RedisConnection,
  type RedisConnectionOptions,
} from '../../src/driver/redis/line/connection.ts';

const UP_MS = 5_000;
const ALONE = { mode: 'single', masterName: null, password: null, db: 0 } as const;
let names = 0;

/** By the time of the machine. */
export function openRedisAt(
  place: RedisPlace,
  options: Pick<RedisConnectionOptions, 'timeoutMs' | 'onError'> = {},
): RedisConnection {
  return openRedis(place, { ...options, clock: systemClock, timers: systemTimers });
}

export async function connectRedis({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<RedisConnection> {
  const redis = openRedisAt({ ...ALONE, addresses: [{ host, port }] });
  if (!(await redis.whenUp(UP_MS))) throw new Error('Redis did not come up');
  return redis;
}

export function freshName(): string {
  return `test${process.pid}-${++names}`;
}
