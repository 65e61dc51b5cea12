import { expect, test } from 'bun:test';
import { maskUserId } from './mask.ts';

test('a masked bidder shows the first and the last character only', () => {
  expect(maskUserId('user_123')).toBe('u***3');
});

test('a masked bidder does not show how long the id is', () => {
  expect(maskUserId('ab')).toBe('a***b');
  expect(maskUserId('a')).toBe('a***a');
});
