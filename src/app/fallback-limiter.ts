/**
 * A limiter that goes on while the shared one is away.
 *
 * Each hit asks the shared limiter; when that rejects, for whatever reason, the node's own limiter
 * answers. Hits that the shared limiter has allowed are told to the own one as well, so a client that
 * has used up its window finds it used up on this node when Redis dies. What is given up meanwhile:
 * each node allows a window of its own, and when the shared one is back it does not know what the
 * nodes have allowed.
 */
import type { RateLimiter, RateLimitVerdict } from '../port/rate-limiter.ts';

export type FallbackLimiterParts = {
  readonly shared: RateLimiter;
  /** Never rejects. */
  readonly own: RateLimiter;
  /** Told when the own limiter takes over, with the reason, and with null when the shared is back. */
  readonly onTurn: (reason: unknown) => void;
};

export type FallbackLimiter = RateLimiter & {
  /** Whether the last hit was answered by the node's own limiter. */
  isDegraded(): boolean;
};

export function createFallbackLimiter({
  shared,
  own,
  onTurn,
}: FallbackLimiterParts): FallbackLimiter {
  let isDegraded = false;

  function turn(toDegraded: boolean, reason: unknown): void {
    if (isDegraded === toDegraded) return;
    isDegraded = toDegraded;
    onTurn(reason);
  }

  async function hit(key: string): Promise<RateLimitVerdict> {
    try {
      const verdict = await shared.hit(key);
      turn(false, null);
      if (verdict.allowed) await own.hit(key);
      return verdict;
    } catch (reason) {
      turn(true, reason);
      return own.hit(key);
    }
  }

  return { hit, isDegraded: () => isDegraded };
}
