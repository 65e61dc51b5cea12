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
  /** Addresses that one rate limiter follows at a time. */
  limiterAddresses: 1_000_000,
  /** Hits of all addresses in one window of a rate limiter. */
  limiterHits: 16_000_000,
  /** Supplies, and bidders of one supply, that the statistics tell apart. */
  statsSupplies: 1_000_000,
  statsBidders: 1_000_000,
  statsBiddersPerSupply: 1_000,
  /** Bidders of all supplies together: beyond them new ones stay in the totals alone. */
  statsCounters: 3_000_000,
  /** Supplies in one answer of `GET /stat`. */
  statsPage: 1_000,
  topList: 10,
  /** Events waiting for a group commit, in bytes: beyond it auctions are counted, not kept. */
  spoolPendingBytes: 64 * 1024 * 1024,
  /** Item events that may wait for the relay: beyond it bids are answered "not decided". */
  outboxEvents: 5_000_000,
  /** Events of the outbox that are kept in memory beside their file. */
  outboxRecentEvents: 100_000,
  /** Events that the embedded bus keeps for durable subscribers: beyond it publishing is refused. */
  busEvents: 5_000_000,
  /** Items that the embedded book holds in memory; the others are read from its file. */
  bookItems: 100_000,
  /** Decisions in one commit of the embedded book. */
  bookDecisionsPerCommit: 4_096,
  /** Items whose price a node keeps in sight beside the book, how long, and reads for it at a time. */
  pricedItems: 10_000,
  pricedItemMs: 5_000,
  pricedItemReads: 16,
  catalogFileBytes: 256 * 1024 * 1024,
  catalogSupplies: 1_000_000,
  catalogBidders: 100_000,
  catalogBiddersPerSupply: 1_000,
  catalogFaults: 100,
  itemNameCharacters: 200,
  /** Items in one answer of the list, and events in one answer of a history. */
  itemsPage: 500,
  historyPage: 1_000,
  ladderSteps: 100,
  /** Longest window, and longest extension, of a soft close. */
  softCloseMs: 24 * 60 * 60 * 1000,
  /** Largest increment in percent, in basis points: the price doubles. */
  incrementBasisPoints: 10_000,
  /** Longest token that is looked at, and verified tokens that are remembered. */
  tokenCharacters: 4_096,
  tokensRemembered: 20_000,
  /** Items that are watched at a time, and viewers of one of them. */
  rooms: 100_000,
  roomViewers: 100_000,
  /** Newest events of a watched item kept in memory; most events that a resume brings. */
  roomEvents: 1_024,
  resumeEvents: 1_024,
  /** Events in one frame: more are sent before their tick. */
  frameEvents: 256,
  /** Bytes waiting for one viewer beyond which it is skipped to the newest event. */
  viewerBufferedBytes: 256 * 1024,
  /** How long a viewer may be skipped before it is closed. */
  viewerStuckMs: 10_000,
  /** Largest frame, and most frames a second, that a viewer may send. */
  viewerFrameBytes: 4 * 1024,
  viewerFramesPerSecond: 10,
} as const;
