/** What the two strategies of the Redis book have in common: what they decide, and with what. */
import type { Random } from '../../../core/random.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { QueueLimit } from '../line/call-queue.ts';
import type { RedisConnection } from '../line/connection.ts';
import type { Buckets, ScriptBounds } from './bucket.ts';

export type ItemDecider = Pick<ItemBook, 'place' | 'close' | 'retract'> & AsyncDisposable;

export type ItemDeciderParts = ScriptBounds & {
  readonly connection: RedisConnection;
  readonly buckets: Buckets;
  /** Spreads those who try again. */
  readonly random: Random;
  readonly limit: QueueLimit;
};

/** How long a retraction may take: it may have to count all bids of an item again. */
export const RETRACT_MS = 2_000;
