/** A loop that runs until it is stopped, and can be woken from a pause. */
import type { Timers } from './timer.ts';

export type Loop = { stop(): Promise<void> };

export type LoopPause = {
  isStopping(): boolean;
  wait(ms: number): Promise<void>;
};

/** Starts `run`. Stopping ends its pauses and resolves when `run` has returned. */
export function startLoop(timers: Timers, run: (pause: LoopPause) => Promise<void>): Loop {
  let isStopping = false;
  let wake: () => void = () => undefined;
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (isStopping) return resolve();
      const cancel = timers.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  const done = run({ isStopping: () => isStopping, wait });
  return {
    stop: () => {
      isStopping = true;
      wake();
      return done;
    },
  };
}
