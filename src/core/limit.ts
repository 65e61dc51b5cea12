/** Bounds of values that every room reads. Those of a queue, a map or a loop stand in its room. */
export const LIMIT = {
  /** Largest single price, floor or increment, in micros: one million units. */
  priceMicros: 1_000_000_000_000,
  /** Counters that wait in a node for a store that is away: beyond them auctions are not counted. */
  statsWaiting: 1_000_000,
  /**
   * The same for one bucket of Redis, which holds them in memory: at about 150 bytes an event 300 MB.
   */
  redisOutboxEvents: 2_000_000,
  /** Bids in one script call of the Redis book, and bids of one bucket that wait for a call. */
  redisBookBatch: 512,
  redisBookWaiting: 32_768,
  /** Hits in one script call of the Redis limiter, and hits of a node that wait for a call. */
  redisHitBatch: 128,
  redisHitsWaiting: 32_768,
  /** How long a bid, and a hit, waits for its call to Redis; then it is not decided, or limited here. */
  redisBookWaitMs: 2_000,
  redisHitWaitMs: 100,
} as const;
