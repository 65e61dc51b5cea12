/** The same random commands to a book of the pure rules and to Redis: they tell the same. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRuleBook, createRuleStore } from '../../../../test/golden/rule-book.ts';
import { createBookPlayer, withoutEpochs } from '../../../../test/support/book-player.ts';
import { type BookStep, bookSteps, STEP_ITEMS } from '../../../../test/support/book-steps.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { RedisStrategy } from '../item-book.ts';
import { createRedisItemIndex } from '../item-index.ts';

const connection = await sharedRedisConnection();
const STATUSES = ['scheduled', 'active', 'ended'] as const;

/** Plays on each of the books in turn: they have the same data. */
async function compare(
  steps: readonly BookStep[],
  strategies: readonly RedisStrategy[],
): Promise<void> {
  const store = createRuleStore();
  const ruleClock = createManualClock();
  const redisClock = createManualClock();
  const [strategy = 'lua', ...others] = strategies;
  const opened = openRedisBook({ connection, strategy, clock: redisClock });
  await using book = opened.book;
  const { prefix } = opened;
  const books = [
    book,
    ...others.map(
      (other) => openRedisBook({ connection, strategy: other, clock: redisClock, prefix }).book,
    ),
  ];
  await using closing = new AsyncDisposableStack();
  for (const one of books) closing.use(one);
  const rule = createBookPlayer(createRuleBook(ruleClock, store), ruleClock);
  const redis = createBookPlayer(inRotation(books), redisClock);
  for (const step of steps) expect(await redis.play(step)).toEqual(await rule.play(step));
  const events = await opened.outboxAll();
  for (const itemId of STEP_ITEMS) {
    const ofItem = (all: readonly ItemEvent[]) => all.filter((event) => event.itemId === itemId);
    expect(withoutEpochs(ofItem(events))).toEqual(withoutEpochs(ofItem(store.outbox)));
  }
  const index = createRedisItemIndex({ connection, buckets: opened.buckets, clock: redisClock });
  const listed = [];
  for (const status of STATUSES) {
    listed.push(...(await index.list({ status, afterItemId: null, limit: 10 })));
  }
  const byId = (left: { itemId: string }, right: { itemId: string }) =>
    left.itemId < right.itemId ? -1 : 1;
  const states = [...store.items.values()].map(({ state }) => state);
  expect(withoutEpochs(listed.sort(byId))).toEqual(withoutEpochs(states.sort(byId)));
  const ends = states.flatMap(({ status, endsAtMs }) =>
    status === 'ended' || endsAtMs === null ? [] : [endsAtMs],
  );
  expect(await index.nextDueMs()).toBe(ends.length === 0 ? null : Math.min(...ends));
}

/** Each call goes to the next book. */
function inRotation(books: readonly ItemBook[]): ItemBook {
  let calls = 0;
  const next = (): ItemBook => {
    const book = books[calls++ % books.length];
    if (book === undefined) throw new RangeError('no book');
    return book;
  };
  return {
    open: (definition) => next().open(definition),
    place: (command) => next().place(command),
    close: (itemId, options) => next().close(itemId, options),
    retract: (itemId, options) => next().retract(itemId, options),
    read: (itemId) => next().read(itemId),
    [Symbol.asyncDispose]: async () => {},
  };
}

test('the Lua book and the pure rules tell the same', async () => {
  const property = fc.asyncProperty(bookSteps, (steps) => compare(steps, ['lua']));
  await fc.assert(property, { numRuns: 250 });
}, 60_000);

test('the optimistic book and the pure rules tell the same', async () => {
  const property = fc.asyncProperty(bookSteps, (steps) => compare(steps, ['optimistic']));
  await fc.assert(property, { numRuns: 30 });
}, 60_000);

test('both, on the same items, tell the same as the pure rules', async () => {
  const oneByOne = bookSteps.map((steps) =>
    steps.map((step) => (step.kind === 'place' ? { ...step, atOnce: false } : step)),
  );
  const property = fc.asyncProperty(oneByOne, (steps) => compare(steps, ['lua', 'optimistic']));
  await fc.assert(property, { numRuns: 30 });
}, 60_000);
