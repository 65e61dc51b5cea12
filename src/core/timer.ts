/**
 * Runs something once, later. Passed in like the clock, so that tests move the time by hand.
 *
 * Only this file uses the engine's timers; all other code takes a `Timers`.
 */
export type Timers = {
  /** @returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
};

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function sleep(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => timers.after(ms, resolve));
}

/**
 * Runs every `ms`, the first time after `ms`. A slow run does not delay the next.
 * @returns a function that ends the runs.
 */
export function every(timers: Timers, ms: number, run: () => void): () => void {
  let callOff = timers.after(ms, again);
  function again(): void {
    callOff = timers.after(ms, again);
    run();
  }
  return () => callOff();
}
