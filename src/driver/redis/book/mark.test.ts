/** The marks that a retraction begins to count from: see script/item.lua. */
import { expect, test } from 'bun:test';
import { bidOf, definitionOf, units } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';

const FINE = { increment: { kind: 'fixed', amountMicros: units(1) } } as const;
const connection = await sharedRedisConnection();
const MARK_EVERY = 256;

test('each 256 events say where they are and how the item stood before them', async () => {
  const { book: opened, buckets } = openRedisBook({ connection, strategy: 'lua', clock: null });
  await using book = opened;
  await book.open(definitionOf(FINE));
  const amountOf = (number: number) => 50 + number;
  for (let number = 0; number < 2 * MARK_EVERY; number++) {
    const userId = `user${number % 7}`;
    const command = bidOf({ userId, amount: amountOf(number) }, number);
    await book.place({ ...command, itemId: 'L1', idempotencyKey: null });
  }
  const marks = await connection.client.lrange(buckets.keys(0).marks('L1'), 0, -1);
  const before = (number: number) => {
    const price = units(amountOf(number - 1));
    return `${number} ${price} ${price} user${(number - 1) % 7}`;
  };
  expect(marks).toEqual([before(MARK_EVERY - 1), before(2 * MARK_EVERY - 1)]);
});
