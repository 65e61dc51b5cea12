/** The bounds on a node's data in Redis, and on calls that wait in the node for Redis. */
import type { QueueLimit } from './call-queue.ts';

export const REDIS_LIMIT = {
  /**
   * Item events per bucket that may wait for the relay: beyond it bids are answered "not decided".
   * Redis holds them in memory: 300 MB at about 150 bytes per event.
   */
  outboxEvents: 2_000_000,
  /** Waiting bids per bucket; a bid that may not wait any longer is not decided. */
  book: { batch: 512, waiting: 32_768, longestMs: 2_000 },
  /**
   * Waiting hits per node; the node's own limiter decides on a hit that may not wait any longer.
   */
  hits: { batch: 128, waiting: 32_768, longestMs: 100 },
  /** Counters per node that wait for an unreachable store: beyond it auctions are not counted. */
  statsWaiting: 1_000_000,
} as const satisfies Readonly<Record<string, number | QueueLimit>>;
