/** Bounds of values that every room reads. Those of a queue, a map or a loop stand in its room. */
export const LIMIT = {
  /** Largest single price, floor or increment, in micros: one million units. */
  priceMicros: 1_000_000_000_000,
} as const;
