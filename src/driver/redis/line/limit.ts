/** Bounds of what a node keeps in Redis, and of what waits in the node for Redis. */
import type { QueueLimit } from './call-queue.ts';

export const REDIS_LIMIT = {
  /**
   * Item events of one bucket that may wait for the relay: beyond it bids are answered "not decided".
   * Redis holds them in memory: at about 150 bytes an event 300 MB.
   */
  outboxEvents: 2_000_000,
  /** Bids of one bucket; one that may not wait any longer is not decided. */
  book: { batch: 512, waiting: 32_768, longestMs: 2_000 },
  /** Hits of a node; one that may not wait any longer is limited by the node itself. */
  hits: { batch: 128, waiting: 32_768, longestMs: 100 },
  /** Counters that wait in a node for a store that is away: beyond them auctions are not counted. */
  statsWaiting: 1_000_000,
} as const satisfies Readonly<Record<string, number | QueueLimit>>;
