/** Bounds of the values of live items. */
export const LIVE_LIMIT = {
  /** Largest price, maximum or increment, in micros: a thousand million units. Twice it is still exact. */
  priceMicros: 1_000_000_000_000_000,
} as const;
