/**
 * The sliding window in this process's memory: the times of each key's allowed hits.
 *
 * Keys live in two generations. A key that comes is moved to the young one; once a window the young
 * becomes the old and the old is dropped whole, since none of its keys came for a window. So memory
 * follows the active keys and there is no sweep. A key holds at most `maxRequests` times.
 */
import type { Clock } from '../../core/clock.ts';
import { LIMIT } from '../../core/limit.ts';
import type { RateLimit, RateLimitVerdict } from '../../port/rate-limiter.ts';

/** Times of allowed hits, oldest first from `head`. */
type Hits = { times: number[]; head: number };

/** Answers at once, and tells how many keys came in the present window. */
export type MemoryRateLimiter = {
  readonly hit: (key: string) => RateLimitVerdict;
  activeKeys(): number;
};

export function createMemoryRateLimiter(rule: RateLimit, clock: Clock): MemoryRateLimiter {
  const { maxRequests, windowMs } = rule;
  let young = new Map<string, Hits>();
  let old = new Map<string, Hits>();
  let turnsAtMs = clock.elapsedMs() + windowMs;

  function turnGenerations(nowMs: number): void {
    if (nowMs < turnsAtMs) return;
    // After a pause of two windows even the young are idle.
    old = nowMs < turnsAtMs + windowMs ? young : new Map();
    young = new Map();
    turnsAtMs = nowMs + windowMs;
  }

  function hitsOf(key: string): Hits | undefined {
    const known = young.get(key);
    if (known !== undefined) return known;
    const hits = old.get(key) ?? { times: [], head: 0 };
    if (young.size >= LIMIT.limiterAddresses) return undefined;
    young.set(key, hits);
    return hits;
  }

  function hit(key: string): RateLimitVerdict {
    const nowMs = clock.elapsedMs();
    turnGenerations(nowMs);
    const hits = hitsOf(key);
    if (hits === undefined) return refused(windowMs);
    forgetUntil(hits, nowMs - windowMs);
    const allowed = hits.times.length - hits.head < maxRequests;
    if (allowed) hits.times.push(nowMs);
    const resetMs = (hits.times[hits.head] ?? nowMs) + windowMs - nowMs;
    if (!allowed) return refused(resetMs);
    const remaining = maxRequests - (hits.times.length - hits.head);
    return {
      allowed,
      limit: maxRequests,
      remaining,
      retryAfterMs: remaining > 0 ? 0 : resetMs,
      resetMs,
    };
  }

  function refused(resetMs: number): RateLimitVerdict {
    return { allowed: false, limit: maxRequests, remaining: 0, retryAfterMs: resetMs, resetMs };
  }

  return { hit, activeKeys: () => young.size };
}

/** Moves the head past the times at or before `limitMs`, and gives the room back in halves. */
function forgetUntil(hits: Hits, limitMs: number): void {
  while (hits.head < hits.times.length && (hits.times[hits.head] ?? 0) <= limitMs) hits.head++;
  if (hits.head * 2 > hits.times.length) {
    hits.times = hits.times.slice(hits.head);
    hits.head = 0;
  }
}
