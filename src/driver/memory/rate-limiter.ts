/**
 * The sliding window in this process's memory: the times of each key's allowed hits.
 *
 * A key's ring holds at most `maxRequests` times and is dropped once the newest of them has left the
 * window; a few old keys are looked at with every hit, so memory follows the active keys without a
 * sweep that stops the process. Keys are looked at in the order of their last allowed hit.
 */
import type { Clock } from '../../core/clock.ts';
import { LIMIT } from '../../core/limit.ts';
import type { RateLimit, RateLimiter, RateLimitVerdict } from '../../port/rate-limiter.ts';

const LOOKED_AT_PER_HIT = 2;

/** Times of allowed hits, oldest first from `head`. */
type Hits = { times: number[]; head: number };

export type MemoryRateLimiter = RateLimiter & { readonly activeKeys: () => number };

export function createMemoryRateLimiter(rule: RateLimit, clock: Clock): MemoryRateLimiter {
  const { maxRequests, windowMs } = rule;
  const keys = new Map<string, Hits>();

  function dropIdleKeys(nowMs: number): void {
    let looked = 0;
    for (const [key, hits] of keys) {
      if (looked++ === LOOKED_AT_PER_HIT || !isIdle(hits, nowMs)) return;
      keys.delete(key);
    }
  }

  function isIdle(hits: Hits, nowMs: number): boolean {
    return (hits.times.at(-1) ?? 0) <= nowMs - windowMs;
  }

  function verdict(hits: Hits | undefined, allowed: boolean, nowMs: number): RateLimitVerdict {
    const counted = hits === undefined ? 0 : hits.times.length - hits.head;
    const remaining = maxRequests - counted;
    const resetMs =
      hits === undefined ? windowMs : (hits.times[hits.head] ?? nowMs) + windowMs - nowMs;
    return {
      allowed,
      limit: maxRequests,
      remaining,
      retryAfterMs: remaining > 0 ? 0 : resetMs,
      resetMs,
    };
  }

  function hit(key: string): RateLimitVerdict {
    const nowMs = clock.elapsedMs();
    dropIdleKeys(nowMs);
    const hits = keys.get(key);
    if (hits === undefined) return firstHit(key, nowMs);
    forgetBefore(hits, nowMs - windowMs);
    if (hits.times.length - hits.head >= maxRequests) return verdict(hits, false, nowMs);
    hits.times.push(nowMs);
    // Moved to the end: the map's order is the order of the last allowed hits.
    keys.delete(key);
    keys.set(key, hits);
    return verdict(hits, true, nowMs);
  }

  function firstHit(key: string, nowMs: number): RateLimitVerdict {
    if (keys.size >= LIMIT.limiterAddresses) {
      return {
        allowed: false,
        limit: maxRequests,
        remaining: 0,
        retryAfterMs: windowMs,
        resetMs: windowMs,
      };
    }
    const hits = { times: [nowMs], head: 0 };
    keys.set(key, hits);
    return verdict(hits, true, nowMs);
  }

  return { hit, activeKeys: () => keys.size };
}

/** Moves the head past the times at or before `limitMs`, and gives the room back in halves. */
function forgetBefore(hits: Hits, limitMs: number): void {
  while (hits.head < hits.times.length && (hits.times[hits.head] ?? 0) <= limitMs) hits.head++;
  if (hits.head * 2 > hits.times.length) {
    hits.times = hits.times.slice(hits.head);
    hits.head = 0;
  }
}
