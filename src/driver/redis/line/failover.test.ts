/** A master is lost for good: Sentinel and Cluster promote its replica. */
import { expect, test } from 'bun:test';
import { openRedisCluster } from '../../../../deploy/local/redis-cluster.ts';
import { openRedisSentinels } from '../../../../deploy/local/redis-sentinel.ts';
import { definitionOf } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { openRedisAt } from '../../../../test/support/redis-connection.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { BucketKeys } from '../book/bucket.ts';
import type { RedisConnection } from './connection.ts';

const BACK_MS = 15_000;
const OF_ALL = { masterName: null, password: null, db: 0 } as const;

/** Tries to open items until one succeeds. @returns how long that took. */
async function untilOpened(book: ItemBook, itemId: string): Promise<number> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < BACK_MS) {
    const opened = await book.open(definitionOf({}, { itemId })).catch(() => null);
    if (opened !== null) break;
    await Bun.sleep(50);
  }
  return performance.now() - startedMs;
}

/** Waits until the replicas have all writes. */
async function replicated(connection: RedisConnection, { count }: BucketKeys): Promise<void> {
  const client = connection.ownClient(count);
  if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve));
  await client.wait(1, 5_000);
  client.disconnect();
}

test('the book goes on at the replica that Sentinel has promoted', async () => {
  await using servers = await openRedisSentinels();
  const addresses = servers.sentinels.map(({ host, port }) => ({ host, port }));
  const { masterName } = servers;
  await using connection = openRedisAt({ ...OF_ALL, mode: 'sentinel', addresses, masterName });
  expect(await connection.whenUp(BACK_MS)).toBe(true);
  const opened = openRedisBook({ connection, strategy: 'lua', clock: null });
  await using book = opened.book;
  await book.open(definitionOf());
  await replicated(connection, opened.buckets.keys(0));
  servers.master.kill('SIGKILL');
  expect(await untilOpened(book, 'L2')).toBeLessThan(BACK_MS);
  expect(await book.read('L1')).toMatchObject({ itemId: 'L1' });
}, 40_000);

test('a frozen Sentinel does not keep a node from the master', async () => {
  await using servers = await openRedisSentinels();
  const { masterName, sentinels } = servers;
  const [first] = sentinels;
  first?.kill('SIGSTOP');
  const addresses = sentinels.map(({ host, port }) => ({ host, port }));
  await using connection = openRedisAt({ ...OF_ALL, mode: 'sentinel', addresses, masterName });
  expect(await connection.whenUp(2_000)).toBe(true);
}, 40_000);

test('items of other masters go on at once, those of the lost one after the failover', async () => {
  await using cluster = await openRedisCluster();
  const addresses = cluster.nodes.map(({ host, port }) => ({ host, port }));
  await using connection = openRedisAt({ ...OF_ALL, mode: 'cluster', addresses });
  expect(await connection.whenUp(BACK_MS)).toBe(true);
  const opened = openRedisBook({ connection, strategy: 'lua', clock: null });
  await using book = opened.book;
  const ids = Array.from({ length: 30 }, (_, index) => `item${index}`);
  for (const itemId of ids) await book.open(definitionOf({}, { itemId }));
  for (let bucket = 0; bucket < opened.buckets.count; bucket++) {
    await replicated(connection, opened.buckets.keys(bucket));
  }
  const portOf = (itemId: string) => {
    const client = connection.ownClient(opened.buckets.keys(opened.buckets.of(itemId)).count);
    client.disconnect();
    return client.options.port;
  };
  const [lostId = ''] = ids;
  const lostPort = portOf(lostId);
  const othersId = ids.find((itemId) => portOf(itemId) !== lostPort) ?? '';
  cluster.nodes.find(({ port }) => port === lostPort)?.kill('SIGKILL');
  await expect(book.read(lostId)).rejects.toThrow();
  expect(await book.read(othersId)).toMatchObject({ itemId: othersId });
  expect(await untilOpened(book, lostId)).toBeLessThan(BACK_MS);
  expect(await book.read(lostId)).toMatchObject({ itemId: lostId });
}, 40_000);
