/**
 * A circuit breaker: after one failure nothing is let through until a probe has succeeded.
 *
 * Closed lets calls through. Open lets none through and probes at once and then every `everyMs`, one
 * probe at a time (half-open). A probe that succeeds closes it. It knows neither the network nor the
 * time: both are given.
 */
import type { Timers } from './timer.ts';

export type Breaker = {
  isClosed(): boolean;
  /** Tells of a failure; opens the breaker unless it is open. */
  trip(): void;
  /** No probe is made any more. */
  stop(): void;
};

export type BreakerParts = {
  readonly timers: Timers;
  readonly everyMs: number;
  /** Asks the other side for a sign of life; false or a rejection when there was none. */
  readonly probe: () => Promise<boolean>;
};

export function createBreaker({ timers, everyMs, probe }: BreakerParts): Breaker {
  let isClosed = true;
  let isStopped = false;
  let callOff: () => void = () => {};

  async function tryOnce(): Promise<void> {
    const isAlive = await probe().catch(() => false);
    if (isStopped) return;
    if (isAlive) isClosed = true;
    else callOff = timers.after(everyMs, () => void tryOnce());
  }

  return {
    isClosed: () => isClosed,
    trip: () => {
      if (!isClosed || isStopped) return;
      isClosed = false;
      void tryOnce();
    },
    stop: () => {
      isStopped = true;
      callOff();
    },
  };
}
