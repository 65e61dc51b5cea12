/**
 * The sliding window in Redis: exact over all nodes that share it.
 *
 * Hits are decided by `script/hit.lua` and Redis's clock. On a single Redis those that come while
 * earlier ones are on their way go together, in order; on a Cluster, whose scripts stay within a slot,
 * each goes by itself. The memory is at most `maxRequests` members a key, and a key goes when its last
 * hit leaves the window; how many keys there are is bounded by Redis's `maxmemory` alone, beyond which
 * a hit rejects (`noeviction`). A hit rejects when Redis is away too: whoever must go on asks another
 * limiter then.
 */
import { present } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { RateLimit, RateLimiter, RateLimitVerdict } from '../../server/port/rate-limiter.ts';
import { createCallQueue, type QueueLimit } from './line/call-queue.ts';
import type { RedisConnection } from './line/connection.ts';
import { REDIS_LIMIT } from './line/limit.ts';
import { RedisDownError } from './line/redis-error.ts';
import text from './script/hit.lua' with { type: 'text' };
import { createScript } from './script/script.ts';

const HIT = createScript(text);
const US_PER_MS = 1000;
const REDIS_TIME = '';
const NUMBERS_PER_HIT = 3;
/** While Redis decides one batch, the verdicts of the other are told. */
const CALLS_AT_ONCE = 2;

export type RedisRateLimiterOptions = {
  /** Set before the keys: limiters of different names do not see each other. */
  readonly name: string;
  /** For tests: the time is then told to Redis, and nothing expires. */
  readonly clock?: Clock;
  readonly limit?: QueueLimit;
};

export function createRedisRateLimiter(
  redis: RedisConnection,
  { maxRequests, windowMs }: RateLimit,
  { name, clock, limit = REDIS_LIMIT.hits }: RedisRateLimiterOptions,
): RateLimiter {
  const windowUs = Math.round(windowMs * US_PER_MS);
  const nowUs = () => (clock === undefined ? REDIS_TIME : Math.round(clock.nowMs() * US_PER_MS));

  async function ask(keys: readonly string[]): Promise<readonly number[]> {
    return (await redis.run(HIT, keys, [maxRequests, windowUs, nowUs()])) as number[];
  }

  async function hitAlone(key: string): Promise<RateLimitVerdict> {
    return verdictAt(await ask([key]), 0);
  }

  async function hitAll(keys: readonly string[]): Promise<RateLimitVerdict[]> {
    const numbers = await ask(keys);
    return keys.map((_, index) => verdictAt(numbers, index * NUMBERS_PER_HIT));
  }

  function verdictAt(numbers: readonly number[], at: number): RateLimitVerdict {
    const number = (index: number) => present(numbers[at + index], 'a number of a verdict');
    const [allowed, remaining] = [number(0), number(1)];
    const resetMs = number(2) / US_PER_MS;
    return {
      allowed: allowed === 1,
      limit: maxRequests,
      remaining,
      retryAfterMs: remaining > 0 ? 0 : resetMs,
      resetMs,
    };
  }

  const hit = redis.isCluster
    ? hitAlone
    : createCallQueue({
        ask: hitAll,
        callsAtOnce: CALLS_AT_ONCE,
        limit,
        clock: redis.clock,
        refusal: (why) => new RedisDownError(why),
      });

  return { hit: (key) => hit(`rate:${name}:${key}`) };
}
