/** How long Redis keeps a hit. */
import { expect, test } from 'bun:test';
import { freshName } from '../../../../test/support/redis-connection.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { createRedisRateLimiter } from '../rate-limiter.ts';

const US_PER_MS = 1000;
const WINDOW_MS = 60_000;

test('a hit is kept until it leaves the window, and less than a millisecond longer', async () => {
  const redis = await sharedRedisConnection();
  const rule = { maxRequests: 3, windowMs: WINDOW_MS };
  for (let number = 0; number < 5; number++) {
    const name = freshName();
    await createRedisRateLimiter(redis, rule, { name }).hit('a');
    const key = `rate:${name}:a`;
    const [, hitAtUs] = await redis.client.zrange(key, 0, '-1', 'WITHSCORES');
    const leavesAtUs = Number(hitAtUs) + WINDOW_MS * US_PER_MS;
    const expiresAtUs = (await redis.client.pexpiretime(key)) * US_PER_MS;
    expect(expiresAtUs).toBeGreaterThanOrEqual(leavesAtUs);
    expect(expiresAtUs - leavesAtUs).toBeLessThan(US_PER_MS);
  }
});
