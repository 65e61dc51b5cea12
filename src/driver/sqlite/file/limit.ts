/** What the files hold in memory and on disk at most. Given to what they bound, so that tests use small ones. */
export const SQLITE_LIMIT = {
  /** Item events that may wait for the relay: beyond it bids are answered "not decided". */
  outboxEvents: 5_000_000,
  /** Events of the outbox that are kept in memory beside their file. */
  outboxRecentEvents: 100_000,
  /** Items that the book holds in memory; the others are read from its file. */
  bookItems: 100_000,
  /** Decisions in one commit of the book. */
  decisionsPerCommit: 4_096,
  /** Events that the bus keeps for durable subscribers: beyond it publishing is refused. */
  busEvents: 5_000_000,
  /** Events waiting for a group commit, in bytes: beyond it auctions are counted, not kept. */
  spoolPendingBytes: 64 * 1024 * 1024,
} as const;

export type SqliteLimit = { readonly [Name in keyof typeof SQLITE_LIMIT]: number };
