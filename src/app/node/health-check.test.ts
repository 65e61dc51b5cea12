import { expect, test } from 'bun:test';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { createHealthCheck } from './health-check.ts';

function start(ask: () => Promise<boolean>) {
  const { clock, timers, advance } = createManualTime();
  return { advance, isUp: createHealthCheck({ clock, timers, ask }) };
}

test('a check is asked at most twice a second, however often health is', async () => {
  let asked = 0;
  const { isUp, advance } = start(async () => ++asked > 1);
  expect([await isUp(), await isUp()]).toEqual([false, false]);
  advance(499);
  expect(await isUp()).toBe(false);
  advance(1);
  expect(await isUp()).toBe(true);
  expect(asked).toBe(2);
});

test('what fails or does not answer is not well', async () => {
  expect(await start(() => Promise.reject(new Error('gone'))).isUp()).toBe(false);
  const { isUp, advance } = start(() => new Promise(() => {}));
  const answer = isUp();
  advance(1_000);
  expect(await answer).toBe(false);
});
