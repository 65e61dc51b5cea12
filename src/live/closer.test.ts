import { describe, expect, test } from 'bun:test';
import { createRuleBook, createRuleStore } from '../../test/golden/rule-book.ts';
import { definitionOf } from '../../test/support/live-item.ts';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { settled } from '../../test/support/test-hub.ts';
import { startCloser } from './closer.ts';
import type { ItemState } from './rule/item.ts';

const LOOK_EVERY_MS = 250;

/** A book of the rules with an index over it, and closers that share time with it. */
function createScene() {
  const time = createManualTime();
  const store = createRuleStore();
  const book = createRuleBook(time.clock, store);
  const errors: unknown[] = [];
  let looks = 0;
  let events = 0;

  function openUntil(endMs: number): { itemId: string; endsAtMs: number }[] {
    const states = Array.from(store.items.values(), ({ state }) => state);
    return states.flatMap(({ itemId, status, endsAtMs }: ItemState) =>
      status !== 'ended' && endsAtMs !== null && endsAtMs <= endMs ? [{ itemId, endsAtMs }] : [],
    );
  }

  const index = {
    isAway: false,
    async due(nowMs: number, limit: number) {
      looks += 1;
      if (index.isAway) throw new Error('the index is away');
      const ids = openUntil(nowMs).map(({ itemId }) => itemId);
      return ids.slice(0, limit);
    },
    async nextDueMs() {
      const ends = openUntil(Number.POSITIVE_INFINITY).map(({ endsAtMs }) => endsAtMs);
      return ends.length === 0 ? null : Math.min(...ends);
    },
  };

  return {
    ...time,
    book,
    index,
    errors,
    looks: () => looks,
    closed: () => store.outbox.map(({ itemId }) => itemId),
    /** Opens an item that ends `inMs` from now. */
    async open(inMs: number, itemId = 'L1') {
      const closesAtMs = time.clock.nowMs() + inMs;
      await book.open(definitionOf({}, { itemId, closesAtMs }));
    },
    async start(close = book.close) {
      const closer = startCloser({
        book: { close },
        index,
        clock: time.clock,
        timers: time.timers,
        nextEventId: () => `end${++events}`,
        onError: (error) => errors.push(error),
        lookEveryMs: LOOK_EVERY_MS,
      });
      await settled();
      return closer;
    },
    async pass(ms: number) {
      time.advance(ms);
      await settled();
    },
  };
}

describe('the closer', () => {
  test('closes what fell due while nobody ran, once', async () => {
    const { open, start, pass, closed } = createScene();
    await open(100);
    await pass(500);
    await Promise.all([start(), start()]);
    expect(closed()).toEqual(['L1']);
  });

  test('closes an item when its time has come, not before', async () => {
    const { open, start, pass, closed } = createScene();
    await open(100);
    await start();
    await pass(99);
    expect(closed()).toEqual([]);
    await pass(1);
    expect(closed()).toEqual(['L1']);
  });

  test('sees an end that was set meanwhile at its next look, also before the next one due', async () => {
    const { open, start, pass, closed } = createScene();
    await open(60_000, 'L2');
    await start();
    await pass(LOOK_EVERY_MS - 100);
    await open(50);
    await pass(99);
    expect(closed()).toEqual([]);
    await pass(1);
    expect(closed()).toEqual(['L1']);
  });

  test('closes more than one look finds without a pause', async () => {
    const { open, start, pass, closed } = createScene();
    for (let item = 0; item < 250; item++) await open(100, `L${item}`);
    await pass(100);
    await start();
    expect(closed()).toHaveLength(250);
  });

  test('does not ask again at once for what the book finds not due yet', async () => {
    const { open, start, pass } = createScene();
    let asked = 0;
    await open(0);
    await start(async () => {
      asked += 1;
      return null;
    });
    expect(asked).toBe(1);
    await pass(LOOK_EVERY_MS - 1);
    expect(asked).toBe(1);
    await pass(1);
    expect(asked).toBe(2);
  });

  test('tries less and less often while it fails, and from the start again after a success', async () => {
    const { index, start, pass, looks, errors } = createScene();
    const pausesMs = [250, 500, 1_000, 2_000, 2_000];
    index.isAway = true;
    await start();
    for (const [failures, pauseMs] of pausesMs.entries()) {
      await pass(pauseMs - 1);
      expect(looks()).toBe(failures + 1);
      await pass(1);
      expect(looks()).toBe(failures + 2);
    }
    expect(errors).toHaveLength(pausesMs.length + 1);
    index.isAway = false;
    await pass(2_000);
    index.isAway = true;
    await pass(LOOK_EVERY_MS);
    const before = looks();
    await pass(LOOK_EVERY_MS);
    expect(looks()).toBe(before + 1);
  });

  test('stops in the middle of a pause', async () => {
    const { start, pass, looks } = createScene();
    const closer = await start();
    await closer.stop();
    await pass(10 * LOOK_EVERY_MS);
    expect(looks()).toBe(1);
  });
});
