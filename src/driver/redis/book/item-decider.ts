/** What the two strategies of the Redis book have in common: what they decide, and with what. */
import type { Clock } from '../../../core/clock.ts';
import type { Random } from '../../../core/random.ts';
import { type ItemBook, NotDecidedError } from '../../../live/port/item-book.ts';
import type { QueueLimit } from '../line/call-queue.ts';
import type { RedisConnection } from '../line/connection.ts';
import type { Buckets } from './bucket.ts';

export type ItemDecider = Pick<ItemBook, 'place' | 'close' | 'retract'> & AsyncDisposable;

export type ItemDeciderParts = {
  readonly connection: RedisConnection;
  readonly buckets: Buckets;
  /** Decides what time it is; Redis does when null. */
  readonly clock: Clock | null;
  /** Spreads those who try again. */
  readonly random: Random;
  /** Events of a bucket that may wait for the relay. */
  readonly outboxEvents: number;
  readonly limit: QueueLimit;
};

/** How long a retraction may take: it may have to count all bids of an item again. */
export const RETRACT_MS = 2_000;

export function outboxFull(): NotDecidedError {
  return new NotDecidedError('too many events wait for the relay');
}
