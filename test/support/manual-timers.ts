/** Timers that run when their manual clock is advanced, in the order of their times. */
import { until } from '../../deploy/local/until.ts';
import type { Timers } from '../../src/core/timer.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export type ManualTime = {
  readonly clock: ManualClock;
  readonly timers: Timers;
  /** Advances the clock and runs the timers that fall due on the way. */
  advance(ms: number): void;
};

type Timer = { readonly atMs: number; run(): void };

export function createManualTime(): ManualTime {
  const clock = createManualClock();
  const waiting = new Set<Timer>();

  function nextUntil(endMs: number): Timer | undefined {
    const due = Array.from(waiting).filter(({ atMs }) => atMs <= endMs);
    return due.sort((left, right) => left.atMs - right.atMs)[0];
  }

  return {
    clock,
    timers: {
      after(ms, run) {
        const timer = { atMs: clock.elapsedMs() + ms, run };
        waiting.add(timer);
        return () => waiting.delete(timer);
      },
    },
    advance(ms) {
      const endMs = clock.elapsedMs() + ms;
      for (let timer = nextUntil(endMs); timer !== undefined; timer = nextUntil(endMs)) {
        waiting.delete(timer);
        clock.advance(timer.atMs - clock.elapsedMs());
        timer.run();
      }
      clock.advance(endMs - clock.elapsedMs());
    },
  };
}

/** Polls a condition, and advances this time by a second before each try. */
export function untilTurned(
  time: ManualTime,
  what: string,
  holds: () => Promise<boolean>,
): Promise<void> {
  return until(what, () => {
    time.advance(1_000);
    return holds();
  });
}
