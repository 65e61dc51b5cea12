/** A clock that stands still until it is turned by hand. */
import type { Clock } from '../../src/core/clock.ts';

export type ManualClock = Clock & { advance(ms: number): void };

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsed = 0;
  return {
    nowMs: () => startMs + elapsed,
    elapsedMs: () => elapsed,
    advance(ms) {
      elapsed += ms;
    },
  };
}
