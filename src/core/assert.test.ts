import { expect, test } from 'bun:test';
import { AssertionError, assert, present } from './assert.ts';

test('a broken assumption is thrown with its words', () => {
  expect(() => assert(1 > 2, 'one exceeds two')).toThrow(new AssertionError('one exceeds two'));
  expect(() => assert(2 > 1, 'two exceeds one')).not.toThrow();
});

test('a value that cannot be absent is given, zero and the empty text too', () => {
  expect([present(0, 'count'), present('', 'text'), present(false, 'flag')]).toEqual([
    0,
    '',
    false,
  ]);
});

test('an absent value is named', () => {
  expect(() => present(undefined, 'the seq')).toThrow('the seq is missing');
  expect(() => present(null, 'the seq')).toThrow(AssertionError);
});
