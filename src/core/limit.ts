/** Bounds that every folder reads. The bounds of a queue, a map or a loop are in its own folder. */
export const LIMIT = {
  /** Largest single price, floor or increment, in micros: one million units. */
  priceMicros: 1_000_000_000_000,
} as const;
