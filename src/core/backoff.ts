/**
 * How long to wait before the next try: twice as long after each failure, up to a bound.
 *
 * With a `random` the wait is drawn from zero to that (full jitter), so that many who failed together
 * do not come back together.
 */
import type { Random } from './random.ts';

export type Backoff = {
  /** The wait after one more failure. */
  nextMs(): number;
  /** It has succeeded: the next failure is the first again. */
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
