/** The end of a loop: it cuts its pauses short. */
import type { Timers } from '../../../core/timer.ts';

/** How long a stopping loop waits for a server that hangs. */
const PATIENCE_MS = 2_000;

export type Stopping = {
  isStopping(): boolean;
  /** Resolves, with null, when the loop must stop. */
  readonly asked: Promise<null>;
  /** Resolves when the loop must not wait for a server any more. */
  readonly overdue: Promise<void>;
  stop(): void;
  /** The loop has ended: cancels the timer. */
  ended(): void;
  pause(ms: number): Promise<void>;
};

export function createStopping(timers: Timers): Stopping {
  const { promise: asked, resolve: ask } = Promise.withResolvers<null>();
  const { promise: overdue, resolve: giveUp } = Promise.withResolvers<void>();
  let isStopping = false;
  let wake = () => {};
  let callOff = () => {};
  return {
    isStopping: () => isStopping,
    asked,
    overdue,
    stop() {
      isStopping = true;
      ask(null);
      callOff = timers.after(PATIENCE_MS, giveUp);
      wake();
    },
    ended: () => callOff(),
    pause: (ms) =>
      new Promise((resolve) => {
        if (isStopping) return resolve();
        const cancel = timers.after(ms, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      }),
  };
}
