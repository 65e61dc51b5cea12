/**
 * Tries until it succeeds, with growing pauses: for what another machine may not have yet at a start.
 * A first try that fails for good is the caller's to see.
 */
import { createBackoff } from './backoff.ts';
import type { Timers } from './timer.ts';

const PAUSE = { firstMs: 1_000, longestMs: 5_000 };

export type Retry = {
  /**
   * Resolves when it has succeeded or the first try has failed; later tries go on behind it. Rejects
   * when the first try failed for good.
   */
  readonly tried: Promise<void>;
  giveUp(): void;
};

export type RetryParts = {
  readonly timers: Timers;
  attempt(): Promise<void>;
  onError(error: unknown): void;
  /** Whether no later try could do better. */
  isFinal?(error: unknown): boolean;
};

export function startRetry(parts: RetryParts): Retry {
  const { timers, attempt, onError, isFinal = () => false } = parts;
  const backoff = createBackoff(PAUSE);
  let isOver = false;
  let callOff = () => {};

  async function tryOnce(isFirst: boolean): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      if (isOver) return;
      if (isFirst && isFinal(error)) throw error;
      onError(error);
      callOff = timers.after(backoff.nextMs(), () => void tryOnce(false));
    }
  }

  return {
    tried: tryOnce(true),
    giveUp: () => {
      isOver = true;
      callOff();
    },
  };
}
