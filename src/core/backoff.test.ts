import { expect, test } from 'bun:test';
import { createBackoff } from './backoff.ts';
import { createRandom } from './random.ts';

const BOUNDS = { firstMs: 20, longestMs: 100 };

test('each failure in a row doubles the wait, up to the longest', () => {
  const backoff = createBackoff(BOUNDS);
  expect(Array.from({ length: 5 }, backoff.nextMs)).toEqual([20, 40, 80, 100, 100]);
});

test('after a success the wait starts over', () => {
  const backoff = createBackoff(BOUNDS);
  backoff.nextMs();
  backoff.nextMs();
  backoff.reset();
  expect(backoff.nextMs()).toBe(20);
});

test('with jitter the wait lies between zero and the full wait', () => {
  const backoff = createBackoff({ ...BOUNDS, random: createRandom(1) });
  const waits = Array.from({ length: 200 }, backoff.nextMs);
  expect(Math.min(...waits)).toBeLessThan(10);
  expect(Math.max(...waits)).toBeGreaterThan(90);
  expect(Math.max(...waits)).toBeLessThanOrEqual(100);
});
