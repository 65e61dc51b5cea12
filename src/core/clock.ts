/**
 * The two clocks. Rules never hold one: they are given times as arguments.
 *
 * `nowMs` is the wall clock in Unix milliseconds and may step; `elapsedMs` only ever rises and
 * measures durations, with fractions of a millisecond.
 */
export type Clock = {
  nowMs(): number;
  elapsedMs(): number;
};

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
};
