/** Retries with growing pauses until it succeeds: at a start, other machines may not be up yet. */
import { createBackoff } from './backoff.ts';
import type { Timers } from './timer.ts';

const PAUSE = { firstMs: 1_000, longestMs: 5_000 };

export type Retry = {
  /**
   * Resolves after the first try, whether it succeeded or not; later tries run in the background.
   */
  readonly tried: Promise<void>;
  giveUp(): void;
};

export type RetryParts = {
  readonly timers: Timers;
  attempt(): Promise<void>;
  onError(error: unknown): void;
};

export function startRetry({ timers, attempt, onError }: RetryParts): Retry {
  const backoff = createBackoff(PAUSE);
  let isOver = false;
  let callOff = () => {};

  async function tryOnce(): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      if (isOver) return;
      onError(error);
      callOff = timers.after(backoff.nextMs(), () => void tryOnce());
    }
  }

  return {
    tried: tryOnce(),
    giveUp: () => {
      isOver = true;
      callOff();
    },
  };
}
