import { expect, test } from 'bun:test';
import { eventOf } from '../../../test/support/live-event.ts';
import { itemOf } from '../../../test/support/live-item.ts';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { settled } from '../../../test/support/test-hub.ts';
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { createFeed } from './feed.ts';
import { createHealer } from './healer.ts';

const SECOND_MS = 1_000;
const HELD = 10;

function stateAt(seq: number): ItemState {
  return { ...itemOf(), seq };
}

/** A healer of a feed at seq 0, with an empty archive and a book at `bookSeq`. */
function createScene() {
  const { timers, advance } = createManualTime();
  const feed = createFeed(HELD);
  feed.restart(stateAt(0));
  const shown: number[] = [];
  const errors: unknown[] = [];
  const scene = { bookSeq: 0, gate: Promise.resolve(), searches: 0, reads: 0 };
  const healer = createHealer({
    feed,
    screen: {
      show: (events: readonly ItemEvent[]) => shown.push(...events.map(({ seq }) => seq)),
      restart: ({ seq }: ItemState) => shown.push(seq),
    },
    timers,
    limit: { roomEvents: HELD },
    history: async () => {
      scene.searches += 1;
      return null;
    },
    read: async () => {
      scene.reads += 1;
      await scene.gate;
      return stateAt(scene.bookSeq);
    },
    onError: (error) => errors.push(error),
  });
  async function pass(ms: number): Promise<void> {
    advance(ms);
    await settled();
  }
  return { scene, feed, healer, shown, errors, pass };
}

test('only one search for a gap runs at a time', async () => {
  const { scene, feed, healer, shown } = createScene();
  scene.bookSeq = 2;
  feed.take(eventOf(2));
  for (let calls = 0; calls < 3; calls++) healer.heal();
  await settled();
  expect(scene).toMatchObject({ searches: 1, reads: 1 });
  expect(shown).toEqual([2]);
  feed.take(eventOf(4));
  healer.heal();
  await settled();
  expect(scene).toMatchObject({ searches: 2, reads: 2 });
});

test('the healer gives up events that the book does not know', async () => {
  const { feed, healer, shown } = createScene();
  feed.take(eventOf(3, { epoch: 'epoch0' }));
  healer.heal();
  await settled();
  expect(feed.hasGap()).toBe(false);
  expect(shown).toEqual([]);
});

test('a book that cannot be read is retried every second, until the end', async () => {
  const { scene, feed, healer, errors, pass } = createScene();
  scene.gate = Promise.reject(new Error('the book is away'));
  feed.take(eventOf(2));
  healer.heal();
  await settled();
  healer.heal();
  await pass(SECOND_MS - 1);
  expect(scene.reads).toBe(1);
  await pass(1);
  expect(scene.reads).toBe(2);
  healer.end();
  await pass(10 * SECOND_MS);
  expect(scene).toMatchObject({ searches: 2, reads: 2 });
  expect(errors).toHaveLength(2);
});

test('a read that fails after the end is not retried', async () => {
  const { scene, feed, healer, errors, pass } = createScene();
  const read = Promise.withResolvers<void>();
  scene.gate = read.promise;
  feed.take(eventOf(2));
  healer.heal();
  await settled();
  healer.end();
  read.reject(new Error('the book is away'));
  await settled();
  await pass(10 * SECOND_MS);
  expect(errors).toHaveLength(1);
  expect(scene).toMatchObject({ searches: 1, reads: 1 });
});

test('nothing is read after the end', async () => {
  const { scene, feed, healer } = createScene();
  feed.take(eventOf(2));
  healer.heal();
  healer.end();
  await settled();
  expect(scene).toMatchObject({ searches: 1, reads: 0 });
});

test('an expected event that does not come within a second is a gap', async () => {
  const { scene, healer, shown, pass } = createScene();
  scene.bookSeq = 2;
  healer.expect(stateAt(1));
  healer.expect(stateAt(2));
  await pass(SECOND_MS - 1);
  expect(scene.searches).toBe(0);
  await pass(1);
  expect(shown).toEqual([2]);
});

test('an expected event that comes is no gap', async () => {
  const { scene, feed, healer, pass } = createScene();
  healer.expect(stateAt(1));
  feed.take(eventOf(1));
  await pass(SECOND_MS);
  expect(scene).toMatchObject({ searches: 0, reads: 0 });
});

test('nothing is expected after the end', async () => {
  for (const late of [false, true]) {
    const { scene, healer, pass } = createScene();
    if (late) healer.end();
    healer.expect(stateAt(1));
    healer.expect(stateAt(2));
    healer.end();
    await pass(10 * SECOND_MS);
    expect(scene).toMatchObject({ searches: 0, reads: 0 });
  }
});
