/** Decides when to send: at once when the last send is a tick ago, else at the end of the tick. */
import type { Clock } from '../../core/clock.ts';
import type { Timers } from '../../core/timer.ts';

export type Pacer = {
  /** Asks for a send. */
  wish(): void;
  /** Sends now, before the tick ends. */
  now(): void;
  end(): void;
};

export type PacerParts = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly tickMs: number;
};

export function createPacer({ clock, timers, tickMs }: PacerParts, send: () => void): Pacer {
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let stopTimer: (() => void) | null = null;

  function end(): void {
    stopTimer?.();
    stopTimer = null;
  }

  function now(): void {
    end();
    sentAtMs = clock.elapsedMs();
    send();
  }

  return {
    wish() {
      if (stopTimer !== null) return;
      const waitMs = sentAtMs + tickMs - clock.elapsedMs();
      if (waitMs <= 0) now();
      else stopTimer = timers.after(waitMs, now);
    },
    now,
    end,
  };
}
