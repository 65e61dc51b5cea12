/**
 * The statistics of all nodes, in Redis.
 *
 * A node counts in its own memory and adds what it counted to Redis, once every `FLUSH_MS`, one
 * script call a supply and one for the totals. Every call is numbered and added once, also when its
 * answer was lost and it is sent again. A read adds what its node has counted first, and waits as long
 * as the others need for theirs: what a client was answered by any node is counted. While Redis is
 * away the node goes on counting, up to `waiting` counters; auctions beyond that are not
 * counted, and `droppedAuctions` says how many. A node that is killed takes along what it had not
 * yet added.
 *
 * Not promised: that a read shows the totals and the supplies at one moment, or what a node counted
 * that is too busy to flush in time.
 */
import { sleep } from '../../core/timer.ts';
import { type Stats, StatsUnavailableError } from '../../exchange/port/stats.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { addEvent, createTally, type Tally } from '../../exchange/rule/tally.ts';
import { createStatsFlush } from './count/stats-flush.ts';
import { statsKeys } from './count/stats-key.ts';
import { createStatsReader } from './count/stats-reader.ts';
import type { RedisConnection } from './line/connection.ts';
import { REDIS_LIMIT } from './line/limit.ts';

const FLUSH_MS = 50;
/** A flush of another node, and the time that it takes. */
const SETTLE_MS = FLUSH_MS + 25;

export type RedisStatsOptions = {
  /** Names this process among all that ever count in this Redis. */
  readonly node: string;
  /** Set before every key, for several exchanges in one Redis. */
  readonly prefix?: string;
  /** How long a read waits for the flushes of the other nodes. */
  readonly settleMs?: number;
  /** Counters that may wait for Redis. */
  readonly waiting?: number;
  /** Told of the first failure in a row; what could not be added is tried again. */
  readonly onError: (error: unknown) => void;
};

export type RedisStats = Stats &
  AsyncDisposable & {
    /** Auctions that were not counted because too much waited for Redis. */
    droppedAuctions(): number;
  };

export function createRedisStats(redis: RedisConnection, options: RedisStatsOptions): RedisStats {
  const { node, prefix = '', settleMs = SETTLE_MS, onError } = options;
  const keys = statsKeys(prefix, node);
  const flushTally = createStatsFlush(redis, keys);
  const reader = createStatsReader(redis, keys);
  const guarded = createGuard(onError);
  const pending = createPendingTally(options.waiting ?? REDIS_LIMIT.statsWaiting);
  let callOff: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function record(event: AuctionEvent): void {
    pending.add(event);
    flushSoon();
  }

  function flushSoon(): void {
    callOff ??= redis.timers.after(FLUSH_MS, () => {
      callOff = undefined;
      flush().catch(() => {});
    });
  }

  /** What is recorded while one flush is on its way goes with the next. */
  function flush(): Promise<void> {
    next ??= flushAfter(running);
    return next;
  }

  async function flushAfter(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => {});
    running = next;
    next = undefined;
    try {
      await guarded(() => flushTally(pending.take));
    } catch (error) {
      flushSoon();
      throw error;
    } finally {
      running = undefined;
    }
  }

  /** Reads when what other nodes had answered before is in Redis. */
  async function settled<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    await Promise.all([flush(), sleep(redis.timers, settleMs)]);
    return guarded(read);
  }

  return {
    record,
    readSupplies: (which) => settled(() => reader.readSupplies(which)),
    readTotals: (topCount) => settled(() => reader.readTotals(topCount)),
    flush,
    droppedAuctions: pending.dropped,
    [Symbol.asyncDispose]: async () => {
      await flush().catch(onError);
      callOff?.();
    },
  };
}

/** What fails is unavailable; the first failure in a row is reported. */
function createGuard(onError: (error: unknown) => void) {
  let hasFailed = false;
  return async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await ask();
      hasFailed = false;
      return answer;
    } catch (cause) {
      if (!hasFailed) onError(cause);
      hasFailed = true;
      throw new StatsUnavailableError('the counters cannot be had from Redis', { cause });
    }
  };
}

/** What waits for a flush. Beyond its bound auctions are not counted, but that they were not is. */
function createPendingTally(mostCounters: number) {
  let tally = createTally();
  let dropped = 0;
  return {
    add: (event: AuctionEvent): void => {
      if (countersOf(tally) >= mostCounters) dropped++;
      else addEvent(tally, event, tally.grand.auctions + 1);
    },
    take: (): Tally | undefined => {
      if (tally.grand.auctions === 0) return undefined;
      const taken = tally;
      tally = createTally();
      return taken;
    },
    dropped: () => dropped,
  };
}

function countersOf({ supplies, spenders, bidderCounters }: Tally): number {
  return supplies.size + spenders.size + bidderCounters;
}
