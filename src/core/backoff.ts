/**
 * How long to wait before the next try: twice as long after each failure, up to a bound.
 *
 * With a `random` the wait is drawn between zero and that (full jitter), so that callers that
 * failed together do not all retry together.
 */
import type { Random } from './random.ts';

export type Backoff = {
  /** Counts a failure. @returns how long to wait before the next try. */
  nextMs(): number;
  /** Counts a success: the next failure counts as the first. */
  reset(): void;
};

export type BackoffParts = {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly random?: Random;
};

export function createBackoff({ firstMs, longestMs, random }: BackoffParts): Backoff {
  let waitMs = firstMs;
  return {
    nextMs() {
      const most = waitMs;
      waitMs = Math.min(waitMs * 2, longestMs);
      return random === undefined ? most : random.integer(0, most);
    },
    reset() {
      waitMs = firstMs;
    },
  };
}
