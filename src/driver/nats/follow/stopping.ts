/** The end of a loop: it cuts its pauses short. */
import type { Timers } from '../../../core/timer.ts';

/** A server that hangs is waited for no longer than this once the loop is to stop. */
const PATIENCE_MS = 2_000;

export type Stopping = {
  isStopping(): boolean;
  /** Resolves, with null, when it is to stop. */
  readonly asked: Promise<null>;
  /** Resolves when it is to wait for no server any more. */
  readonly overdue: Promise<void>;
  stop(): void;
  /** The loop has ended: its patience is not needed any more. */
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
