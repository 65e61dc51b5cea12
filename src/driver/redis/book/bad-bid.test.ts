/** One bid that no bid should be: the others of its batch are decided. */
import { expect, test } from 'bun:test';
import { bidOf, definitionOf } from '../../../../test/support/live-item.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';

const connection = await sharedRedisConnection();

const BAD: readonly object[] = [
  ...[12_345, null, true, ['x'], { toString: () => 'x' }, '\ud800', 'x'.repeat(5_000_000)].map(
    (userId) => ({ userId }),
  ),
  { userId: undefined },
  { amountMicros: 'ten' },
  { amountMicros: Number.NaN },
  { idempotencyKey: 7 },
];

test('a bid with a field of another type fails alone', async () => {
  const opened = openRedisBook({ connection, strategy: 'lua', clock: createManualClock() });
  await using book = opened.book;
  await book.open(definitionOf());
  let amount = 50;
  const good = () => {
    amount += 10;
    const bid = bidOf({ userId: 'ann', amount }, amount);
    return book.place({ ...bid, itemId: 'L1', idempotencyKey: null });
  };
  const bad = (fields: object) =>
    book.place({
      ...bidOf({ userId: 'ben', amount: 10_000 }, 1),
      itemId: 'L1',
      idempotencyKey: null,
      ...fields,
    });
  const asked = BAD.flatMap((fields) => [good(), bad(fields)]);
  const answers = await Promise.allSettled(asked);
  for (const [index, answer] of answers.entries()) {
    const expected =
      index % 2 === 0
        ? { status: 'fulfilled', value: { kind: 'accepted' } }
        : { status: 'rejected', reason: expect.any(NotDecidedError) };
    expect(answer).toMatchObject(expected);
  }
  expect(await book.read('L1')).toMatchObject({ seq: BAD.length, leaderId: 'ann' });
});
