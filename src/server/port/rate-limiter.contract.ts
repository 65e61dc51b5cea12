/**
 * What every driver of `RateLimiter` must keep. `rateLimiterContract` is for all, with time as the
 * driver's store has it; `exactRateLimiterContract` is for those whose clock a test can turn by hand.
 */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ManualClock } from '../../../test/support/manual-clock.ts';
import type { RateLimit, RateLimiter, RateLimitVerdict } from './rate-limiter.ts';

export type LimiterUnderTest = AsyncDisposable & {
  readonly limiter: RateLimiter;
  /** Lets time pass: by hand, or by waiting where the store has its own clock. */
  pass(ms: number): Promise<void>;
};

export type ExactLimiter = AsyncDisposable & {
  readonly limiter: RateLimiter;
  readonly clock: ManualClock;
};

/** Long enough that a slow machine does the hits of one test well inside it. */
const RULE: RateLimit = { maxRequests: 3, windowMs: 2_000 };
/** A store with its own clock may round to whole milliseconds and be reached late. */
const SLACK_MS = 20;

async function hitMany(limiter: RateLimiter, key: string, count: number) {
  const verdicts: RateLimitVerdict[] = [];
  for (let hit = 0; hit < count; hit++) verdicts.push(await limiter.hit(key));
  return verdicts;
}

export function rateLimiterContract(
  name: string,
  open: (rule: RateLimit) => Promise<LimiterUnderTest>,
): void {
  describe(`a rate limiter in ${name}`, () => {
    test('allows as many hits as the rule says and refuses the next', async () => {
      await using under = await open(RULE);
      const verdicts = await hitMany(under.limiter, 'a', 5);
      expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
      expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
      for (const { limit } of verdicts) expect(limit).toBe(RULE.maxRequests);
    });

    test('tells when to come again only while nothing remains', async () => {
      await using under = await open(RULE);
      const [first, second, last, refused] = await hitMany(under.limiter, 'a', 4);
      expect([first?.retryAfterMs, second?.retryAfterMs]).toEqual([0, 0]);
      for (const verdict of [last, refused]) {
        expect(verdict?.retryAfterMs).toBeGreaterThan(0);
        expect(verdict?.retryAfterMs).toBeLessThanOrEqual(RULE.windowMs);
        expect(verdict?.resetMs).toBe(verdict?.retryAfterMs ?? -1);
      }
    });

    test('allows again when it said, also after many refused hits', async () => {
      await using under = await open(RULE);
      const refused = (await hitMany(under.limiter, 'a', 20)).at(-1);
      await under.pass((refused?.retryAfterMs ?? 0) + SLACK_MS);
      expect((await under.limiter.hit('a')).allowed).toBe(true);
    });

    test('counts each key by itself', async () => {
      await using under = await open(RULE);
      await hitMany(under.limiter, 'a', 4);
      for (const key of ['b', '::1', '127.0.0.1', '__proto__', 'constructor', 'a ', 'A']) {
        const { allowed, remaining } = await under.limiter.hit(key);
        expect([key, allowed, remaining]).toEqual([key, true, 2]);
      }
    });

    test('allows no more when the hits come all at once', async () => {
      await using under = await open(RULE);
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, async () => under.limiter.hit('a')),
      );
      expect(verdicts.filter(({ allowed }) => allowed).length).toBe(RULE.maxRequests);
    });
  });
}

type Hit = { readonly key: string; readonly afterMs: number };

/** The allowed hits of one key that are inside the window at `nowMs`, oldest first. */
function counted(allowedAtMs: readonly number[], nowMs: number, { windowMs }: RateLimit): number[] {
  return allowedAtMs.filter((atMs) => atMs > nowMs - windowMs);
}

function expectedVerdict(inside: readonly number[], nowMs: number, rule: RateLimit) {
  const allowed = inside.length < rule.maxRequests;
  const remaining = Math.max(0, rule.maxRequests - inside.length - 1);
  const resetMs = (inside[0] ?? nowMs) + rule.windowMs - nowMs;
  return {
    allowed,
    limit: rule.maxRequests,
    remaining,
    retryAfterMs: remaining > 0 ? 0 : resetMs,
    resetMs,
  };
}

const anyRule: fc.Arbitrary<RateLimit> = fc.record({
  maxRequests: fc.integer({ min: 1, max: 5 }),
  windowMs: fc.integer({ min: 1, max: 60 }),
});

const anyHits: fc.Arbitrary<Hit[]> = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'a', 'b', 'c'),
    afterMs: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 200 })),
  }),
  { maxLength: 60 },
);

export function exactRateLimiterContract(
  name: string,
  open: (rule: RateLimit) => Promise<ExactLimiter>,
): void {
  describe(`an exact rate limiter in ${name}`, () => {
    test('refuses one millisecond before the time that it told, and allows at it', async () => {
      await using under = await open(RULE);
      const { limiter, clock } = under;
      await limiter.hit('a');
      clock.advance(300);
      await hitMany(limiter, 'a', 2);
      clock.advance(200);
      const { retryAfterMs } = await limiter.hit('a');
      expect(retryAfterMs).toBe(RULE.windowMs - 500);
      clock.advance(retryAfterMs - 1);
      expect(await limiter.hit('a')).toMatchObject({ allowed: false, retryAfterMs: 1 });
      clock.advance(1);
      expect(await limiter.hit('a')).toMatchObject({ allowed: true, remaining: 0 });
    });

    test('gives back the hits one by one, as each leaves the window', async () => {
      await using under = await open({ maxRequests: 3, windowMs: 100 });
      const { limiter, clock } = under;
      for (const afterMs of [0, 30, 30]) {
        clock.advance(afterMs);
        await limiter.hit('a');
      }
      clock.advance(40);
      expect(await limiter.hit('a')).toMatchObject({ allowed: true, remaining: 0, resetMs: 30 });
      expect(await limiter.hit('a')).toMatchObject({ allowed: false, retryAfterMs: 30 });
    });

    test('is full again after a window without hits', async () => {
      await using under = await open(RULE);
      await hitMany(under.limiter, 'a', 3);
      under.clock.advance(RULE.windowMs);
      expect(await under.limiter.hit('a')).toMatchObject({ allowed: true, remaining: 2 });
    });

    test('allows a hit exactly when the window before it has room, for all hits at all times', async () => {
      await fc.assert(
        fc.asyncProperty(anyRule, anyHits, async (rule, hits) => {
          await using under = await open(rule);
          const allowedAtMs = new Map<string, number[]>();
          for (const { key, afterMs } of hits) {
            under.clock.advance(afterMs);
            const nowMs = under.clock.elapsedMs();
            const past = allowedAtMs.get(key) ?? [];
            const verdict = await under.limiter.hit(key);
            expect(verdict).toEqual(expectedVerdict(counted(past, nowMs, rule), nowMs, rule));
            if (verdict.allowed) allowedAtMs.set(key, [...past, nowMs]);
          }
          for (const times of allowedAtMs.values()) expectNoFullerWindow(times, rule);
        }),
        { numRuns: 300 },
      );
    });
  });
}

/** No window, wherever it starts, holds more than the rule allows. */
function expectNoFullerWindow(allowedAtMs: readonly number[], rule: RateLimit): void {
  for (const startMs of allowedAtMs) {
    const endMs = startMs + rule.windowMs;
    const inside = allowedAtMs.filter((atMs) => atMs >= startMs && atMs < endMs);
    expect(inside.length).toBeLessThanOrEqual(rule.maxRequests);
  }
}
