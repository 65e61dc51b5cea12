/** Where an item lies: that may never change, or items are looked for where they are not. */
import { expect, test } from 'bun:test';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { createBuckets } from './bucket.ts';

test('the bucket of an item is the last byte of its FNV-1a hash, when there are 256', async () => {
  const buckets = createBuckets(await sharedRedisConnection(), { count: 256 });
  // Published: http://www.isthe.com/chongo/tech/comp/fnv/ (32 bits, FNV-1a).
  expect(buckets.of('')).toBe(0x811c9dc5 % 256);
  expect(buckets.of('a')).toBe(0xe40c292c % 256);
  expect(buckets.of('foobar')).toBe(0xbf9cf968 % 256);
});
