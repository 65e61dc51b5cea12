import { expect, test } from 'bun:test';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { startRetry } from './retry.ts';

function createStage(failures: number) {
  const time = createManualTime();
  const errors: unknown[] = [];
  let tries = 0;
  const retry = startRetry({
    timers: time.timers,
    attempt: async () => {
      tries += 1;
      if (tries <= failures) throw new Error(`try ${tries}`);
    },
    onError: (error) => errors.push(error),
  });
  async function pass(ms: number): Promise<void> {
    time.advance(ms);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  return { retry, errors, pass, tries: () => tries };
}

test('a success is not repeated', async () => {
  const stage = createStage(0);
  await stage.retry.tried;
  await stage.pass(60_000);
  expect([stage.tries(), stage.errors.length]).toEqual([1, 0]);
});

test('a failure is retried with growing pauses until it succeeds', async () => {
  const stage = createStage(2);
  await stage.retry.tried;
  await stage.pass(999);
  expect(stage.tries()).toBe(1);
  await stage.pass(1);
  expect(stage.tries()).toBe(2);
  await stage.pass(1_999);
  expect(stage.tries()).toBe(2);
  await stage.pass(1);
  expect(stage.tries()).toBe(3);
  await stage.pass(60_000);
  expect([stage.tries(), stage.errors.length]).toEqual([3, 2]);
});

test('nothing is retried after it was given up', async () => {
  const stage = createStage(5);
  await stage.retry.tried;
  stage.retry.giveUp();
  await stage.pass(60_000);
  expect(stage.tries()).toBe(1);
});

test('what fails for good at once is not tried again, and its error comes out', async () => {
  const { timers } = createManualTime();
  const errors: unknown[] = [];
  const retry = startRetry({
    timers,
    attempt: () => Promise.reject(new Error('of another version')),
    onError: (error) => errors.push(error),
    isFinal: () => true,
  });
  await expect(retry.tried).rejects.toThrow('of another version');
  expect(errors).toEqual([]);
});
