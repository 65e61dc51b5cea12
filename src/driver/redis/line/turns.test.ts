/** Turns of the bids of a node on an item. */
import { expect, test } from 'bun:test';
import { definitionOf, units } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { REDIS_LIMIT } from './limit.ts';
import { createTurns } from './turns.ts';

const SLOW_MS = 30;
const slow = () => Bun.sleep(SLOW_MS);

test('works of one item are done one after another, those of others meanwhile', async () => {
  const inTurn = createTurns({ waiting: 10, longestMs: 1_000 });
  const done: string[] = [];
  const note = (name: string, ms: number) => async () => {
    await Bun.sleep(ms);
    done.push(name);
  };
  await Promise.all([
    inTurn('a', note('a1', SLOW_MS)),
    inTurn('a', note('a2', 0)),
    inTurn('b', note('b1', 0)),
  ]);
  expect(done).toEqual(['b1', 'a1', 'a2']);
});

test('a work that fails does not keep the next from its turn', async () => {
  const inTurn = createTurns({ waiting: 10, longestMs: 1_000 });
  const failing = inTurn('a', () => Promise.reject(new Error('lost')));
  const next = inTurn('a', async () => 'done');
  await expect(failing).rejects.toThrow('lost');
  expect(await next).toBe('done');
});

test('whoever comes when too many wait is refused at once', async () => {
  const inTurn = createTurns({ waiting: 2, longestMs: 1_000 });
  const waiting = [inTurn('a', slow), inTurn('b', slow)];
  await expect(inTurn('c', slow)).rejects.toBeInstanceOf(NotDecidedError);
  await Promise.all(waiting);
  await inTurn('c', slow);
});

test('whoever has waited too long is refused, and nothing is done for it', async () => {
  const inTurn = createTurns({ waiting: 10, longestMs: SLOW_MS / 2 });
  let isDone = false;
  const first = inTurn('a', slow);
  const late = inTurn('a', async () => {
    isDone = true;
  });
  await expect(late).rejects.toBeInstanceOf(NotDecidedError);
  await first;
  expect(isDone).toBe(false);
});

test('a flood on one item is over in a few seconds, and what was accepted has no gap', async () => {
  const connection = await sharedRedisConnection();
  const opened = openRedisBook({ connection, strategy: 'optimistic', clock: null });
  await using book = opened.book;
  await book.open(definitionOf({ increment: { kind: 'fixed', amountMicros: units(1) } }));
  const count = REDIS_LIMIT.book.waiting + 5_000;
  const startedMs = performance.now();
  const ends = await Promise.allSettled(
    Array.from({ length: count }, (_, number) =>
      book.place({
        itemId: 'L1',
        bidId: `bid${number}`,
        eventId: `event${number}`,
        userId: `user${number % 7}`,
        amountMicros: units(50 + number),
        maxMicros: null,
        buyNow: false,
        idempotencyKey: null,
      }),
    ),
  );
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  const refused = ends.filter((end) => end.status === 'rejected');
  expect(refused.length).toBeGreaterThanOrEqual(5_000);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(NotDecidedError);
  const events = await opened.outboxAll();
  expect(events).toHaveLength(count - refused.length);
  expect(await book.read('L1')).toMatchObject({ seq: events.length });
}, 20_000);
