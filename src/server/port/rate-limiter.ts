/**
 * How often a key (an address) may come.
 *
 * An exact sliding window: never more than `maxRequests` allowed hits of a key in any `windowMs`,
 * from however many nodes share the driver. A refused hit does not count. Memory is bounded by the
 * number of active keys, and beyond a bound of them a new key is refused: the
 * promise holds under attack, at the cost of newcomers. Not promised: fairness between keys.
 */
export type RateLimitVerdict = {
  readonly allowed: boolean;
  readonly limit: number;
  /** Hits still allowed at this moment. */
  readonly remaining: number;
  /** Milliseconds until one more hit is allowed; zero while some remain. */
  readonly retryAfterMs: number;
  /** Milliseconds until the oldest counted hit leaves the window. */
  readonly resetMs: number;
};

export type RateLimit = { readonly maxRequests: number; readonly windowMs: number };

export type RateLimiter = {
  hit(key: string): RateLimitVerdict | Promise<RateLimitVerdict>;
};
