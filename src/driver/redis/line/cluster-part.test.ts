/** A Cluster has lost a master and its replica: the other masters go on. */
import { expect, test } from 'bun:test';
import { askRedis } from '../../../../deploy/local/redis.ts';
import { openRedisCluster, type RedisCluster } from '../../../../deploy/local/redis-cluster.ts';
import { until } from '../../../../deploy/local/until.ts';
import { bidOf, definitionOf } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { openRedisAt } from '../../../../test/support/redis-connection.ts';
import { systemClock } from '../../../core/clock.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { createRedisItemIndex } from '../item-index.ts';

const OF_ALL = { masterName: null, password: null, db: 0 } as const;
const ITEMS = 30;
const DUE = { eventId: 'closing', force: false };

/** Kills the master on that port and its replica, and waits until the others notice. */
async function lose({ nodes }: RedisCluster, port: number): Promise<void> {
  const lines = (await askRedis(port, 'CLUSTER', 'NODES')).split('\n');
  const id = lines.find((line) => line.includes(`:${port}@`))?.split(' ')[0] ?? '';
  const lost = nodes.filter((node) =>
    lines.some((line) => line.includes(`:${node.port}@`) && line.includes(id)),
  );
  expect(lost).toHaveLength(2);
  for (const node of lost) node.kill('SIGKILL');
  const other = nodes.find((node) => !lost.includes(node));
  await until('the others know of the loss', async () =>
    (await askRedis(other?.port ?? 0, 'CLUSTER', 'NODES')).includes('master,fail '),
  );
}

test('items of the other masters take bids and are closed; the list is marked as partial', async () => {
  await using cluster = await openRedisCluster();
  const told: unknown[] = [];
  await using connection = openRedisAt(
    { ...OF_ALL, mode: 'cluster', addresses: cluster.nodes },
    { onError: (error) => told.push(error) },
  );
  expect(await connection.whenUp(10_000)).toBe(true);
  const { book: opened, buckets } = openRedisBook({ connection, strategy: 'lua', clock: null });
  await using book = opened;
  // Up means that every master is reachable.
  const dueKeys = Array.from({ length: buckets.count }, (_, bucket) => buckets.keys(bucket).due);
  const asked = dueKeys.map((key) => connection.call(key, (client) => client.exists(key)));
  expect(await Promise.all(asked)).toEqual(dueKeys.map(() => 0));
  const index = createRedisItemIndex({ connection, buckets, clock: systemClock });
  const closesAtMs = Date.now() + 5_000;
  const itemIds = Array.from({ length: ITEMS }, (_, number) => `item${number}`);
  for (const itemId of itemIds) await book.open(definitionOf({}, { itemId, closesAtMs }));
  const portOf = (itemId: string) => {
    const client = connection.ownClient(buckets.keys(buckets.of(itemId)).count);
    client.disconnect();
    return client.options.port ?? 0;
  };
  const lostPort = portOf('item0');
  const kept = itemIds.filter((itemId) => portOf(itemId) !== lostPort);
  expect(kept.length).toBeLessThan(ITEMS);
  await lose(cluster, lostPort);
  const bid = bidOf({ userId: 'ann', amount: 60 });
  const place = (itemId: string) => book.place({ ...bid, itemId, idempotencyKey: null });
  await expect(place('item0')).rejects.toBeInstanceOf(NotDecidedError);
  for (const itemId of kept) expect(await place(itemId)).toMatchObject({ kind: 'accepted' });
  expect(connection.isUp()).toBe(false);
  expect(told).toHaveLength(1);
  expect((await index.due(closesAtMs, ITEMS)).toSorted()).toEqual(kept.toSorted());
  expect(await index.nextDueMs()).toBe(closesAtMs);
  await expect(index.list({ status: null, afterItemId: null, limit: 10 })).rejects.toBeInstanceOf(
    NotDecidedError,
  );
  await until('the items have ended', async () => Date.now() >= closesAtMs);
  for (const itemId of kept) expect(await book.close(itemId, DUE)).not.toBeNull();
  for (const node of cluster.nodes) node.kill('SIGKILL');
  await expect(index.due(closesAtMs, ITEMS)).rejects.toBeInstanceOf(NotDecidedError);
}, 60_000);
