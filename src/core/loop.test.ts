import { expect, test } from 'bun:test';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { startLoop } from './loop.ts';

test('a loop goes on after its pause, and not before', async () => {
  const time = createManualTime();
  let rounds = 0;
  const loop = startLoop(time.timers, async (pause) => {
    while (!pause.isStopping()) {
      rounds += 1;
      await pause.wait(100);
    }
  });
  time.advance(99);
  await Promise.resolve();
  expect(rounds).toBe(1);
  time.advance(1);
  await Promise.resolve();
  expect(rounds).toBe(2);
  await loop.stop();
});

test('a stop ends the current pause of a loop', async () => {
  const time = createManualTime();
  let hasEnded = false;
  const loop = startLoop(time.timers, async (pause) => {
    await pause.wait(100);
    hasEnded = pause.isStopping();
  });
  await loop.stop();
  expect(hasEnded).toBe(true);
});

test('a loop that is stopping does not pause again', async () => {
  const time = createManualTime();
  const work = Promise.withResolvers<void>();
  const loop = startLoop(time.timers, async (pause) => {
    await work.promise;
    await pause.wait(100);
  });
  const stopped = loop.stop();
  work.resolve();
  // The time stands still: a pause would never end.
  await stopped;
});
