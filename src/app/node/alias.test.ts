import { expect, test } from 'bun:test';
import { aliasOf } from './alias.ts';

test('an alias is 8 characters of base32, the same for one secret and id', () => {
  expect(aliasOf('secret', 'alice')).toBe(aliasOf('secret', 'alice'));
  for (const userId of ['a', 'alice', 'auth0|64f1', '用户', 'x'.repeat(256)]) {
    expect(aliasOf('secret', userId)).toMatch(/^[a-z2-7]{8}$/);
  }
});

test('bidders differ on an item, and a bidder between items', () => {
  const ids = Array.from({ length: 2_000 }, (_, index) => `user${index}`);
  expect(new Set(ids.map((userId) => aliasOf('secret', userId))).size).toBe(ids.length);
  expect(aliasOf('secret', 'ale')).not.toBe(aliasOf('secret', 'alice'));
  expect(aliasOf('secret', 'alice')).not.toBe(aliasOf('another', 'alice'));
});
