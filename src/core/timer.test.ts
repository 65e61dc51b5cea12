import { expect, test } from 'bun:test';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { every, sleep } from './timer.ts';

test('a repeated run goes on until it is ended', () => {
  const time = createManualTime();
  let runs = 0;
  const end = every(time.timers, 1_000, () => {
    runs += 1;
  });
  time.advance(999);
  expect(runs).toBe(0);
  time.advance(2_001);
  expect(runs).toBe(3);
  end();
  time.advance(5_000);
  expect(runs).toBe(3);
});

test('a run that throws does not prevent the next', () => {
  const time = createManualTime();
  let runs = 0;
  every(time.timers, 10, () => {
    runs += 1;
    throw new Error('once');
  });
  expect(() => time.advance(10)).toThrow('once');
  expect(() => time.advance(10)).toThrow('once');
  expect(runs).toBe(2);
});

test('a sleep ends after its time', async () => {
  const time = createManualTime();
  let isAwake = false;
  const slept = sleep(time.timers, 50).then(() => {
    isAwake = true;
  });
  time.advance(49);
  await Promise.resolve();
  expect(isAwake).toBe(false);
  time.advance(1);
  await slept;
});
