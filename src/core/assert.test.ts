import { expect, test } from 'bun:test';
import { AssertionError, assert, present } from './assert.ts';

test('a failed assertion throws its message', () => {
  expect(() => assert(1 > 2, 'one exceeds two')).toThrow(new AssertionError('one exceeds two'));
  expect(() => assert(2 > 1, 'two exceeds one')).not.toThrow();
});

test('a present value is returned, also zero and the empty string', () => {
  expect([present(0, 'count'), present('', 'text'), present(false, 'flag')]).toEqual([
    0,
    '',
    false,
  ]);
});

test('an absent value is named in the error', () => {
  expect(() => present(undefined, 'the seq')).toThrow('the seq is missing');
  expect(() => present(null, 'the seq')).toThrow(AssertionError);
});
