/**
 * A limiter that keeps working while the shared one is away.
 *
 * Each hit asks the shared limiter; when that rejects, for whatever reason, the node's own limiter
 * answers. Hits that the shared limiter has allowed are counted by the own one as well, so a client
 * that has used up its window finds it used up on this node when the shared one goes away. What is given up meanwhile:
 * each node allows a window of its own, and when the shared one is back it does not know what the
 * nodes have allowed.
 *
 * It counts as degraded until the shared limiter has not failed for `CALM_MS`: when only a part of
 * a Cluster is away, failures alternate with successes.
 */
import type { Clock } from '../../../core/clock.ts';
import type { RateLimiter, RateLimitVerdict } from '../../../server/port/rate-limiter.ts';

const CALM_MS = 2_000;

export type FallbackLimiterParts = {
  readonly shared: RateLimiter;
  readonly clock: Clock;
  /** Never rejects. */
  readonly own: RateLimiter;
  /** Called when it becomes degraded, with the reason, and with null when it no longer is. */
  readonly onChange: (reason: unknown) => void;
};

export type FallbackLimiter = RateLimiter & {
  /** Whether the node's own limiter has answered lately. */
  isDegraded(): boolean;
};

export function createFallbackLimiter(parts: FallbackLimiterParts): FallbackLimiter {
  const { shared, own, clock, onChange } = parts;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let isReported = false;

  const isDegraded = () => clock.elapsedMs() - failedAtMs < CALM_MS;

  function report(reason: unknown): void {
    if (isReported === isDegraded()) return;
    isReported = !isReported;
    onChange(reason);
  }

  async function hit(key: string): Promise<RateLimitVerdict> {
    try {
      const verdict = await shared.hit(key);
      report(null);
      if (verdict.allowed) await own.hit(key);
      return verdict;
    } catch (reason) {
      failedAtMs = clock.elapsedMs();
      report(reason);
      return own.hit(key);
    }
  }

  return { hit, isDegraded };
}
