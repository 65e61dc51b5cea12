import { expect, test } from 'bun:test';
import { once } from './once.ts';

test('opens at the first call and gives the same value from then on', () => {
  let opened = 0;
  const open = once(() => ++opened);
  expect(opened).toBe(0);
  expect([open(), open()]).toEqual([1, 1]);
});

test('what could not be opened is opened at the next call', () => {
  const fails = [true, false];
  const open = once(() => {
    if (fails.shift()) throw new Error('away');
    return 'there';
  });
  expect(open).toThrow('away');
  expect(open()).toBe('there');
});
