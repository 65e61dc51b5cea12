import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createRandom } from '../../core/random.ts';
import {
  exactRateLimiterContract,
  rateLimiterContract,
} from '../../server/port/rate-limiter.contract.ts';
import type { RateLimit } from '../../server/port/rate-limiter.ts';
import { createMemoryRateLimiter } from './rate-limiter.ts';

const RULE: RateLimit = { maxRequests: 3, windowMs: 1_000 };

async function open(rule: RateLimit) {
  const clock = createManualClock();
  return {
    clock,
    limiter: createMemoryRateLimiter(rule, clock),
    pass: async (ms: number) => clock.advance(ms),
    [Symbol.asyncDispose]: async () => {},
  };
}

rateLimiterContract('memory', open);
exactRateLimiterContract('memory', open);

test('is exact through thousands of keys that come and go', () => {
  const clock = createManualClock();
  const limiter = createMemoryRateLimiter(RULE, clock);
  const random = createRandom(1);
  const allowedAtMs = new Map<string, number[]>();
  for (let hit = 0; hit < 60_000; hit++) {
    // Crowds and lulls alternate, so that the ring grows, shrinks and wraps around.
    clock.advance(random.integer(0, hit % 20_000 < 15_000 ? 1 : 40));
    const nowMs = clock.elapsedMs();
    const key = `key${random.integer(0, 3_000)}`;
    const inside = (allowedAtMs.get(key) ?? []).filter((atMs) => atMs > nowMs - RULE.windowMs);
    const { allowed, resetMs } = limiter.hit(key);
    const isExact =
      allowed === inside.length < RULE.maxRequests &&
      resetMs === (inside[0] ?? nowMs) + RULE.windowMs - nowMs;
    if (!isExact) throw new Error(`hit ${hit} of ${key} is judged wrong`);
    allowedAtMs.set(key, allowed ? [...inside, nowMs] : inside);
  }
});

describe('the memory of a rate limiter', () => {
  test('forgets the keys that did not come for a window', () => {
    const clock = createManualClock();
    const limiter = createMemoryRateLimiter(RULE, clock);
    for (let key = 0; key < 10_000; key++) limiter.hit(`key${key}`);
    expect(limiter.activeKeys()).toBe(10_000);
    clock.advance(RULE.windowMs);
    limiter.hit('awake');
    expect(limiter.activeKeys()).toBe(1);
  });

  test('keeps the hits of a key that comes in every window', () => {
    const clock = createManualClock();
    const limiter = createMemoryRateLimiter(RULE, clock);
    clock.advance(900);
    limiter.hit('a');
    clock.advance(200);
    limiter.hit('a');
    clock.advance(600);
    expect(limiter.hit('a').remaining).toBe(0);
  });

  test('accepts as many keys as its bound and refuses the next until a window has passed', () => {
    const clock = createManualClock();
    const limiter = createMemoryRateLimiter(RULE, clock, { keys: 1_000, hits: 10_000 });
    for (let key = 0; key < 1_000; key++) limiter.hit(`key${key}`);
    expect(limiter.hit('one too many')).toEqual({
      allowed: false,
      limit: 3,
      remaining: 0,
      retryAfterMs: RULE.windowMs,
      resetMs: RULE.windowMs,
    });
    expect(limiter.hit('key0')).toMatchObject({ allowed: true, remaining: 1 });
    expect(limiter.activeKeys()).toBe(1_000);
    clock.advance(RULE.windowMs);
    expect(limiter.hit('one too many').allowed).toBe(true);
  });

  test('accepts as many hits as its bound and refuses the next until a window has passed', () => {
    const clock = createManualClock();
    const limiter = createMemoryRateLimiter(RULE, clock, { keys: 10, hits: 2 });
    expect([limiter.hit('a').allowed, limiter.hit('b').allowed]).toEqual([true, true]);
    expect(limiter.hit('a')).toMatchObject({ allowed: false, retryAfterMs: RULE.windowMs });
    clock.advance(RULE.windowMs);
    expect(limiter.hit('a').allowed).toBe(true);
  });
});
