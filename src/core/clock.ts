/**
 * The two clocks. Rules never read a clock: they take times as arguments.
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

/** A time in Unix milliseconds as ISO 8601 in UTC, the only format that Gavel sends out. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString();
}
