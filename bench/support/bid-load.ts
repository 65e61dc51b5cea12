/**
 * Bidders that keep bidding through every fault, with every call recorded for the checker.
 *
 * A bidder waits for its answer at most `ANSWER_WITHIN_MS`. It resends an unanswered bid under the
 * same Idempotency-Key until it is answered, and then makes its next bid. Some bids have no key:
 * those are sent once, and a node may refuse them by the prices that it has cached.
 */
import { systemClock } from '../../src/core/clock.ts';
import { MICROS_PER_CENT, toMicros } from '../../src/core/money.ts';
import { createRandom, type Random } from '../../src/core/random.ts';
import { FIRST_SIGHT_POLICY } from '../../src/live/rule/definition.ts';
import type { ItemDefinition } from '../../src/live/rule/item.ts';
import type { BidAnswer, BidParameters } from '../../test/checker/history.ts';
import { createRecorder, type Recorder } from '../../test/checker/recorder.ts';
import { bidInit, readBidAnswer } from '../../test/support/bid-client.ts';

const ANSWER_WITHIN_MS = 2_000;
const THINK_MS = { low: 50, high: 150 };
const TRIES_AFTER_STOP = 5;
const LOW_PERCENT = 10;
const HOT_PERCENT = 60;
const KEY_PERCENT = 80;

export type Outcome =
  | 'accepted'
  | 'refused'
  /** 503: not decided. */
  | 'unavailable'
  /** 502 or 504 of the entry. */
  | 'gateway'
  | 'connection'
  | 'timeout';

export type Attempt = {
  readonly sentMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
};

export function isAnswered({ outcome }: Attempt): boolean {
  return outcome === 'accepted' || outcome === 'refused';
}

export type LoadedItem = {
  readonly definition: ItemDefinition;
  readonly recorder: Recorder;
  /** The next bidder's amount: rises with every bid, so that most are accepted. */
  nextMicros: number;
};

export type BidLoad = {
  readonly attempts: readonly Attempt[];
  /** Lets every bidder finish the bid that it has under way. */
  stop(): Promise<void>;
};

type Sent = { readonly item: LoadedItem; readonly bid: BidParameters };

type Bidder = {
  readonly userId: string;
  readonly random: Random;
  bids: number;
};

/** A default item, which its first bid opens. */
export function createLoadedItem(itemId: string): LoadedItem {
  const definition = {
    itemId,
    name: itemId,
    policy: FIRST_SIGHT_POLICY,
    opensAtMs: null,
    closesAtMs: null,
  };
  // A bid below the first one still has to be above zero.
  const nextMicros = FIRST_SIGHT_POLICY.startMicros + MICROS_PER_CENT;
  return { definition, recorder: createRecorder(systemClock), nextMicros };
}

/** @param items the first is the hot one */
export function startBidLoad(
  url: string,
  items: readonly LoadedItem[],
  { bidders, seed }: { readonly bidders: number; readonly seed: number },
): BidLoad {
  const random = createRandom(seed);
  const attempts: Attempt[] = [];
  let isStopped = false;
  const crowd = Array.from({ length: bidders }, (_, index) => ({
    userId: `user${index}`,
    random: createRandom(random.seed()),
    bids: 0,
  }));

  async function bidUntilStopped(bidder: Bidder): Promise<void> {
    while (!isStopped) {
      await Bun.sleep(bidder.random.integer(THINK_MS.low, THINK_MS.high));
      await bidUntilAnswered(offerOf(bidder, items));
    }
  }

  async function bidUntilAnswered(sent: Sent): Promise<void> {
    for (let triesLeft = TRIES_AFTER_STOP; triesLeft > 0; triesLeft -= isStopped ? 1 : 0) {
      const attempt = await attemptBid(url, sent);
      attempts.push(attempt);
      if (isAnswered(attempt) || sent.bid.idempotencyKey === null) return;
      await Bun.sleep(THINK_MS.high);
    }
  }

  const over = Promise.all(crowd.map(bidUntilStopped));
  return {
    attempts,
    async stop() {
      isStopped = true;
      await over;
    },
  };
}

function offerOf(bidder: Bidder, items: readonly LoadedItem[]): Sent {
  const { random, userId } = bidder;
  const happens = (percent: number) => random.integer(1, 100) <= percent;
  const item = items[happens(HOT_PERCENT) ? 0 : random.integer(0, items.length - 1)];
  if (item === undefined) throw new Error('a load without items');
  const isLow = happens(LOW_PERCENT);
  const amountMicros = toMicros(item.nextMicros - (isLow ? MICROS_PER_CENT : 0));
  if (!isLow) item.nextMicros += MICROS_PER_CENT;
  bidder.bids++;
  const idempotencyKey = happens(KEY_PERCENT) ? `key${bidder.bids}` : null;
  const bid = { userId, amountMicros, maxMicros: null, buyNow: false, idempotencyKey };
  return { item, bid };
}

async function attemptBid(url: string, { item, bid }: Sent): Promise<Attempt> {
  const sentMs = systemClock.elapsedMs();
  const end = (outcome: Outcome) => ({ sentMs, endedMs: systemClock.elapsedMs(), outcome });
  let failure: Outcome = 'connection';
  const answer = await item.recorder.bid(bid, async (): Promise<BidAnswer> => {
    try {
      const response = await fetch(`${url}/api/v1/items/${item.definition.itemId}/bid`, {
        ...bidInit(bid),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (response.status < 500) return await readBidAnswer(response);
      failure = response.status === 503 ? 'unavailable' : 'gateway';
      await response.body?.cancel();
    } catch (error) {
      failure = failureOf(error);
    }
    return { kind: 'unknown' };
  });
  if (answer.kind === 'unknown') return end(failure);
  if (answer.kind !== 'accepted' && answer.kind !== 'refused') {
    throw new Error(`a bid on ${item.definition.itemId} was answered ${answer.kind}`);
  }
  item.nextMicros = Math.max(item.nextMicros, answer.priceMicros + MICROS_PER_CENT);
  return end(answer.kind);
}

/** @throws any error that is not one of the connection */
function failureOf(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'TimeoutError') return 'timeout';
  if ('code' in error) return 'connection';
  throw error;
}
