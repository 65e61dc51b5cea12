/** A connection of its own to a real Redis that is up, and names that no other test uses. */
import { openRedis, type RedisConnection } from '../../src/driver/redis/line/connection.ts';

const UP_MS = 5_000;
const ALONE = { mode: 'single', masterName: null, password: null, db: 0 } as const;
let names = 0;

export async function connectRedis({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<RedisConnection> {
  const redis = openRedis({ ...ALONE, addresses: [{ host, port }] });
  if (!(await redis.whenUp(UP_MS))) throw new Error('Redis did not come up');
  return redis;
}

export function freshName(): string {
  return `test${process.pid}-${++names}`;
}
