/** What the book does by the time of Redis itself. */
import { expect, test } from 'bun:test';
import { bidOf, definitionOf } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { RedisStrategy } from '../item-book.ts';

const connection = await sharedRedisConnection();
const LIFE_MS = 120;
const DUE = { eventId: 'closing', force: false };

const bid = (book: ItemBook, amount: number) =>
  book.place({ ...bidOf({ userId: 'ann', amount }, amount), itemId: 'L1', idempotencyKey: null });

async function untilClosed(book: ItemBook) {
  for (;;) {
    const event = await book.close('L1', DUE);
    if (event !== null) return event;
    await Bun.sleep(5);
  }
}

for (const strategy of ['lua', 'optimistic'] as const satisfies RedisStrategy[]) {
  test(`an item ends by the time of Redis, not before (${strategy})`, async () => {
    await using book = openRedisBook({ connection, strategy, clock: null }).book;
    const closesAtMs = Date.now() + LIFE_MS;
    await book.open(definitionOf({}, { closesAtMs }));
    expect(await bid(book, 60)).toMatchObject({ kind: 'accepted' });
    expect(await book.close('L1', DUE)).toBeNull();
    const event = await untilClosed(book);
    expect(event).toMatchObject({ type: 'close', outcome: 'sold', winnerId: 'ann' });
    expect(event.atMs).toBeGreaterThanOrEqual(closesAtMs);
    expect(await bid(book, 90)).toMatchObject({ kind: 'refused', code: 'ended' });
  });

  test(`an item opens by the time of Redis, and a late bid moves its end (${strategy})`, async () => {
    await using book = openRedisBook({ connection, strategy, clock: null }).book;
    const opensAtMs = Date.now() + LIFE_MS;
    const closesAtMs = opensAtMs + 60_000;
    const softClose = { windowMs: 60_000, extendMs: 120_000, absoluteEndMs: null };
    await book.open(definitionOf({ softClose }, { opensAtMs, closesAtMs }));
    expect(await book.read('L1')).toMatchObject({ status: 'scheduled' });
    let answer = await bid(book, 60);
    expect(answer).toMatchObject({ code: 'not_open_yet' });
    while (answer.kind === 'refused') {
      await Bun.sleep(5);
      answer = await bid(book, 60);
    }
    if (answer.kind !== 'accepted') throw new Error(`it was ${answer.kind}`);
    expect(answer.endsAtMs).toBeGreaterThanOrEqual(opensAtMs + 120_000);
    expect(Date.now()).toBeGreaterThanOrEqual(opensAtMs);
  });
}
