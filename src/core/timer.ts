/**
 * Something that is run later, once. Given like the clock, so that tests turn time by hand.
 *
 * This file alone sets timers of the engine; everyone else takes a `Timers`.
 */
export type Timers = {
  /** @returns a function that calls it off. */
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
 * Runs again and again, the first time after `ms`. A run that takes longer does not delay the next.
 * @returns a function that ends it.
 */
export function every(timers: Timers, ms: number, run: () => void): () => void {
  let callOff = timers.after(ms, again);
  function again(): void {
    callOff = timers.after(ms, again);
    run();
  }
  return () => callOff();
}
