/**
 * A circuit breaker: after one failure it lets no call through until a probe has succeeded.
 *
 * Closed, it lets calls through. Open, it lets none through and probes at once and then every
 * `everyMs`, one probe at a time (half-open). A probe that succeeds closes it. The probe and the
 * timers are passed in.
 */
import type { Timers } from './timer.ts';

export type Breaker = {
  isClosed(): boolean;
  /** Reports a failure, which opens the breaker unless it is open. */
  trip(): void;
  /** Ends probing. */
  stop(): void;
};

export type BreakerParts = {
  readonly timers: Timers;
  readonly everyMs: number;
  /** Checks whether the other side is alive; false or a rejection when it is not. */
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
