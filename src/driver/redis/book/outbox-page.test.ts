/** How much a reader of an outbox takes at once. */
import { expect, test } from 'bun:test';
import { bidOf, definitionOf, units } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';

const FINE = { increment: { kind: 'fixed', amountMicros: units(1) } } as const;
const PAGE = 32;

test('a read takes a page of entries out of the stream when it needs no more', async () => {
  const connection = await sharedRedisConnection();
  const opened = openRedisBook({ connection, strategy: 'lua', clock: null, buckets: 1 });
  await using book = opened.book;
  await book.open(definitionOf(FINE));
  // One after another: each is an entry of its own.
  for (let number = 0; number < 2 * PAGE; number++) {
    const command = bidOf({ userId: 'ann', amount: 50 + number }, number);
    await book.place({ ...command, itemId: 'L1', idempotencyKey: null });
  }
  const [outbox] = opened.outboxes;
  expect(await outbox?.read({ limit: 1, waitMs: 0 })).toHaveLength(1);
  const [taken] = await connection.client.xpending(opened.buckets.keys(0).outbox, 'relay');
  expect(taken).toBe(PAGE);
});
