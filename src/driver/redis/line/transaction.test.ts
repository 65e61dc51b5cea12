/** The state of a connection after a transaction. */
import { expect, test } from 'bun:test';
import { bidOf, definitionOf } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';

test('a decision that writes nothing leaves no WATCH: the next succeeds at once', async () => {
  const connection = await sharedRedisConnection();
  const { book: opened, buckets } = openRedisBook({
    connection,
    strategy: 'optimistic',
    clock: null,
    buckets: 1,
  });
  await using book = opened;
  for (const itemId of ['L1', 'L2']) await book.open(definitionOf({}, { itemId }));
  const place = (itemId: string, amount: number) =>
    book.place({ ...bidOf({ userId: 'ann', amount }, amount), itemId, idempotencyKey: null });
  const triesMade = async () => {
    const statistics = await connection.client.info('commandstats');
    return Number(/cmdstat_exec:calls=(\d+)/.exec(statistics)?.[1] ?? 0);
  };
  expect(await place('L1', 1)).toMatchObject({ kind: 'refused' });
  // Another node writes to the item that was decided on.
  await connection.client.hset(buckets.keys(0).item('L1'), 'seq', 0);
  const before = await triesMade();
  expect(await place('L2', 60)).toMatchObject({ kind: 'accepted' });
  expect(await triesMade()).toBe(before + 1);
});
