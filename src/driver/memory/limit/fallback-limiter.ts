/**
 * A limiter that keeps working while the shared one is away.
 *
 * Each hit goes to the shared limiter; when that rejects, for any reason, the node's own limiter
 * answers. Hits that the shared limiter allows are counted in the node's own as well, so a client
 * that has used up its window stays refused on this node when Redis dies. The price: meanwhile each
 * node allows its own window, and the returning shared limiter does not know the hits that the
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
  /** Called with the reason when it becomes degraded, and with null when it no longer is. */
  readonly onTurn: (reason: unknown) => void;
};

export type FallbackLimiter = RateLimiter & {
  /** Whether the node's own limiter has answered lately. */
  isDegraded(): boolean;
};

export function createFallbackLimiter({
  shared,
  own,
  clock,
  onTurn,
}: FallbackLimiterParts): FallbackLimiter {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let isTold = false;

  const isDegraded = () => clock.elapsedMs() - failedAtMs < CALM_MS;

  function tell(reason: unknown): void {
    if (isTold === isDegraded()) return;
    isTold = !isTold;
    onTurn(reason);
  }

  async function hit(key: string): Promise<RateLimitVerdict> {
    try {
      const verdict = await shared.hit(key);
      tell(null);
      if (verdict.allowed) await own.hit(key);
      return verdict;
    } catch (reason) {
      failedAtMs = clock.elapsedMs();
      tell(reason);
      return own.hit(key);
    }
  }

  return { hit, isDegraded };
}
