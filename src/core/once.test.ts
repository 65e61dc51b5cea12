import { expect, test } from 'bun:test';
import { once } from './once.ts';

test('opens at the first call and returns the same value from then on', () => {
  let opened = 0;
  const open = once(() => ++opened);
  expect(opened).toBe(0);
  expect([open(), open()]).toEqual([1, 1]);
});

test('opens at the next call after a failed one', () => {
  const fails = [true, false];
  const open = once(() => {
    if (fails.shift()) throw new Error('away');
    return 'there';
  });
  expect(open).toThrow('away');
  expect(open()).toBe('there');
});
