/**
 * Every bound of the system in one place: what a body, a list, a map, a queue or a loop may hold.
 *
 * A bound that an operator should turn is a setting (`app/config.ts`); these are the ones that keep
 * a hostile or broken client from costing more than it should.
 */
export const LIMIT = {
  /** Largest body of `POST /bid` and `POST /api/v1/bid`, in bytes. */
  bidBodyBytes: 16 * 1024,
  tmaxMs: 10_000,
  defaultTmaxMs: 200,
  /** Bidders, and supplies, that one batch request may name. */
  biddersPerAuction: 100,
  suppliesPerAuction: 100,
  /** Largest single price, floor or increment, in micros: one million units. */
  priceMicros: 1_000_000_000_000,
  /** Supplies, and bidders of one supply, that the statistics tell apart. */
  statsSupplies: 1_000_000,
  statsBidders: 1_000_000,
  statsBiddersPerSupply: 1_000,
  /** Bidders of all supplies together: beyond them new ones stay in the totals alone. */
  statsCounters: 3_000_000,
  /** Counters that wait in a node for a store that is away: beyond them auctions are not counted. */
  statsWaiting: 1_000_000,
  /** Supplies in one answer of `GET /stat`. */
  statsPage: 1_000,
  topList: 10,
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
  catalogFileBytes: 256 * 1024 * 1024,
  catalogSupplies: 1_000_000,
  catalogBidders: 100_000,
  catalogBiddersPerSupply: 1_000,
  catalogFaults: 100,
} as const;
