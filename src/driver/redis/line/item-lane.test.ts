/** The bid lanes of a node, one per item. */
import { expect, test } from 'bun:test';
import { definitionOf, units } from '../../../../test/support/live-item.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { createItemLanes, type LaneLimit } from './item-lane.ts';
import { REDIS_LIMIT } from './limit.ts';

function open(limits: Partial<LaneLimit> = {}) {
  const clock = createManualClock();
  return { clock, inLane: createItemLanes({ waiting: 10, longestMs: 1_000, ...limits }, clock) };
}

/** A task that runs until it is released. */
function heldWork() {
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  return { work: () => promise, letGo };
}

test('tasks of one item run one after another, those of different items concurrently', async () => {
  const { inLane } = open();
  const done: string[] = [];
  const note = (name: string) => async () => {
    done.push(name);
  };
  const held = heldWork();
  const first = inLane('a', async () => {
    await held.work();
    done.push('a1');
  });
  const second = inLane('a', note('a2'));
  await inLane('b', note('b1'));
  held.letGo();
  await Promise.all([first, second]);
  expect(done).toEqual(['b1', 'a1', 'a2']);
});

test('a failing task does not hold up the next', async () => {
  const { inLane } = open();
  const failing = inLane('a', () => Promise.reject(new Error('lost')));
  const next = inLane('a', async () => 'done');
  await expect(failing).rejects.toThrow('lost');
  expect(await next).toBe('done');
});

test('a caller is refused at once when too many wait', async () => {
  const { inLane } = open({ waiting: 2 });
  const work = async () => 'done';
  const waiting = [inLane('a', work), inLane('b', work)];
  await expect(inLane('c', work)).rejects.toBeInstanceOf(NotDecidedError);
  await Promise.all(waiting);
  expect(await inLane('c', work)).toBe('done');
});

test('a caller that has waited too long is refused, and its task does not run', async () => {
  const { clock, inLane } = open({ longestMs: 20 });
  const held = heldWork();
  let done = 0;
  const count = async () => {
    done += 1;
  };
  const first = inLane('a', held.work);
  const late = inLane('a', count);
  clock.advance(1);
  const inTime = inLane('a', count);
  await Promise.resolve();
  clock.advance(20);
  held.letGo();
  await expect(late).rejects.toBeInstanceOf(NotDecidedError);
  await Promise.all([first, inTime]);
  expect(done).toBe(1);
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
