/** Checks whether the settings of Redis can lose acknowledged bids, or items. */
import { Cluster, type Redis } from 'ioredis';
import type { Timers } from '../../../core/timer.ts';
import { bounded } from './bounded.ts';
import type { RedisConnection } from './connection.ts';

const ANSWER_MS = 1_000;

const WANTED: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  'aof-load-truncated': 'no',
  'maxmemory-policy': 'noeviction',
};

/**
 * @returns settings that differ from docs/driver/redis.md, such as `appendfsync everysec`, each
 *   once; none of a server that is away or does not reveal its settings
 */
export async function lossySettings({ client, timers }: RedisConnection): Promise<string[]> {
  const masters = client instanceof Cluster ? client.nodes('master') : [client];
  const found = await Promise.all(masters.map((master) => lossyOf(timers, master).catch(() => [])));
  return [...new Set(found.flat())];
}

async function lossyOf(timers: Timers, master: Redis): Promise<string[]> {
  const names = Object.keys(WANTED);
  // One at a time: Redis before 7 accepts no list.
  const asked = Promise.all(names.map((name) => master.config('GET', name) as Promise<string[]>));
  const answers = await bounded(timers, asked, ANSWER_MS);
  return answers
    .filter(([name = '', value]) => WANTED[name] !== value)
    .map(([name, value]) => `${name} ${value}`);
}
