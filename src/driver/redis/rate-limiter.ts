/**
 * The sliding window in Redis: exact over all nodes that share it.
 *
 * A hit is one call of `script/hit.lua`, decided by Redis's clock; hits of one turn of the event loop
 * go together. The memory is at most
 * `maxRequests` members a key, and a key goes when its last hit leaves the window; how many keys
 * there are is bounded by Redis's `maxmemory` alone, beyond which a hit rejects (`noeviction`). A hit
 * rejects when Redis is away too: whoever must go on asks another limiter then.
 */
import type { Clock } from '../../core/clock.ts';
import type { RateLimit, RateLimiter, RateLimitVerdict } from '../../port/rate-limiter.ts';
import type { RedisConnection } from './connection.ts';
import text from './script/hit.lua' with { type: 'text' };
import { createScript } from './script.ts';
import { createTurnBatch } from './turn-batch.ts';

const HIT = createScript(text);
const US_PER_MS = 1000;
const REDIS_TIME = '';

export type RedisRateLimiterOptions = {
  /** Set before the keys: limiters of different names do not see each other. */
  readonly name: string;
  /** For tests: the time is then told to Redis, and nothing expires. */
  readonly clock?: Clock;
};

export function createRedisRateLimiter(
  redis: RedisConnection,
  { maxRequests, windowMs }: RateLimit,
  { name, clock }: RedisRateLimiterOptions,
): RateLimiter {
  const windowUs = Math.round(windowMs * US_PER_MS);
  const send = createTurnBatch(redis, HIT);
  const nowUs = () => (clock === undefined ? REDIS_TIME : Math.round(clock.nowMs() * US_PER_MS));

  return {
    hit: async (key) =>
      verdictOf(
        await send({
          keys: [`rate:${name}:${key}`],
          args: [maxRequests, windowUs, nowUs()],
        }),
        maxRequests,
      ),
  };
}

function verdictOf(reply: unknown, limit: number): RateLimitVerdict {
  const [allowed, remaining, resetUs] = reply as [number, number, number];
  const resetMs = resetUs / US_PER_MS;
  return {
    allowed: allowed === 1,
    limit,
    remaining,
    retryAfterMs: remaining > 0 ? 0 : resetMs,
    resetMs,
  };
}
