import { expect, test } from 'bun:test';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { createPacer } from './pacer.ts';

const TICK_MS = 50;

function createScene() {
  const { clock, timers, advance } = createManualTime();
  const sentAtMs: number[] = [];
  let waiting = 0;
  const counted = {
    after(ms: number, run: () => void) {
      waiting += 1;
      const cancel = timers.after(ms, () => {
        waiting -= 1;
        run();
      });
      return () => {
        waiting -= 1;
        cancel();
      };
    },
  };
  const startMs = clock.elapsedMs();
  const pacer = createPacer({ clock, timers: counted, tickMs: TICK_MS }, () =>
    sentAtMs.push(clock.elapsedMs() - startMs),
  );
  return { pacer, advance, sentAtMs, waiting: () => waiting };
}

test('the first request sends at once, later ones together at the end of the tick', () => {
  const { pacer, advance, sentAtMs, waiting } = createScene();
  pacer.wish();
  advance(10);
  for (let wishes = 0; wishes < 3; wishes++) pacer.wish();
  expect(waiting()).toBe(1);
  advance(TICK_MS);
  expect(sentAtMs).toEqual([0, TICK_MS]);
});

test('a new tick starts with an immediate send', () => {
  const { pacer, advance, sentAtMs, waiting } = createScene();
  pacer.wish();
  pacer.wish();
  advance(30);
  pacer.now();
  expect(waiting()).toBe(0);
  pacer.wish();
  advance(TICK_MS);
  expect(sentAtMs).toEqual([0, 30, 30 + TICK_MS]);
});

test('nothing is sent after the end', () => {
  const { pacer, advance, sentAtMs, waiting } = createScene();
  pacer.wish();
  pacer.wish();
  pacer.end();
  expect(waiting()).toBe(0);
  advance(TICK_MS);
  expect(sentAtMs).toEqual([0]);
});
