/** Readers that found nothing: each waits for the next commit, or as long as it wants. */
import type { Timers } from '../../../core/timer.ts';

export type WaitingReaders = {
  wait(waitMs: number): Promise<void>;
  wake(): void;
};

export function createWaitingReaders(timers: Timers): WaitingReaders {
  const waiting = new Set<() => void>();
  return {
    wait: (waitMs) =>
      new Promise((resolve) => {
        const wake = () => {
          callOff();
          waiting.delete(wake);
          resolve();
        };
        const callOff = timers.after(waitMs, wake);
        waiting.add(wake);
      }),
    wake: () => {
      for (const wake of [...waiting]) wake();
    },
  };
}
