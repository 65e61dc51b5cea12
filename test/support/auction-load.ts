/**
 * Bidders on live items of a real server that may be killed meanwhile, with all calls recorded.
 *
 * A bidder whose connection is lost stops; on the next server it may resend that bid under its key,
 * and it resends its last answered bid, which must get the same answer.
 */

import { systemClock } from '../../src/core/clock.ts';
import { MICROS_PER_CENT, toMicros } from '../../src/core/money.ts';
import { createRandom } from '../../src/core/random.ts';
import { DOLLAR } from '../../src/live/rule/currency.ts';
import type { ItemDefinition } from '../../src/live/rule/item.ts';
import { definitionOf } from '../../src/server/live/item-definition.ts';
import type { BidAnswer, BidParameters } from '../checker/history.ts';
import { createRecorder, type Recorder } from '../checker/recorder.ts';
import { createItem, placeBid, readItem, UndecidedReadError } from './bid-client.ts';
import { isLostConnection } from './lost-connection.ts';

const STEP_MICROS = MICROS_PER_CENT;

export type LoadedItem = {
  readonly definition: ItemDefinition;
  readonly recorder: Recorder;
  /** The next bidder's amount: rises with every bid, so that most are accepted. */
  nextMicros: number;
};

export type AuctionLoad = {
  readonly items: readonly LoadedItem[];
  /** Bids until the server is gone or `stop` is called. */
  bidOn(url: string): Bidding;
};

type AnswerKind = BidAnswer['kind'];

type Bidding = {
  readonly over: Promise<unknown>;
  stop(): Promise<unknown>;
  /** Resolves when so many more bids than now were answered so; a 503 is `unknown`. */
  answered(kind: AnswerKind, count: number): Promise<void>;
};

type Sent = { readonly item: LoadedItem; readonly bid: BidParameters };

export type LoadOptions = {
  readonly seed: number;
  readonly bidders: number;
  /** The bodies that create the items; the first is the hot one. */
  readonly bodies: readonly Parameters<typeof definitionOf>[0][];
};

export async function openAuctionLoad(url: string, options: LoadOptions): Promise<AuctionLoad> {
  const { seed, bidders, bodies } = options;
  for (const body of bodies) await createItem(url, body);
  const items = bodies.map((body) =>
    createLoadedItem(definitionOf(body, { nowMs: Date.now(), currency: DOLLAR })),
  );
  const random = createRandom(seed);
  const answers = createAnswerCount();
  const crowd = Array.from({ length: bidders }, (_, index) =>
    createBidder({ userId: `user${index}`, items, seed: random.seed(), onAnswer: answers.add }),
  );
  return {
    items,
    bidOn: (serverUrl) => {
      let isStopped = false;
      const over = Promise.all(crowd.map((bidder) => bidder(serverUrl, () => isStopped)));
      return {
        over,
        answered: answers.reached,
        stop: () => {
          isStopped = true;
          return over;
        },
      };
    },
  };
}

function createLoadedItem(definition: ItemDefinition): LoadedItem {
  const { startMicros } = definition.policy;
  return { definition, recorder: createRecorder(systemClock), nextMicros: startMicros };
}

function createAnswerCount() {
  const counts = new Map<AnswerKind, number>();
  const waiting = new Set<() => void>();
  const countOf = (kind: AnswerKind) => counts.get(kind) ?? 0;
  return {
    add(kind: AnswerKind): void {
      counts.set(kind, countOf(kind) + 1);
      for (const look of waiting) look();
    },
    reached(kind: AnswerKind, more: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wanted = countOf(kind) + more;
      const look = () => {
        if (countOf(kind) < wanted) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      return promise;
    },
  };
}

function allowUndecided(error: unknown): void {
  if (!(error instanceof UndecidedReadError)) throw error;
}

type BidderParts = {
  readonly userId: string;
  readonly items: readonly LoadedItem[];
  readonly seed: number;
  onAnswer(kind: AnswerKind): void;
};

function createBidder({ userId, items, seed, onAnswer }: BidderParts) {
  const random = createRandom(seed);
  let answered: Sent | null = null;
  let unanswered: Sent | null = null;
  let count = 0;

  const happens = (percent: number) => random.integer(1, 100) <= percent;

  function offer(item: LoadedItem): BidParameters {
    const isLow = happens(10);
    const amount = item.nextMicros - (isLow ? STEP_MICROS : 0);
    const most = happens(20) ? amount + STEP_MICROS * random.integer(0, 20) : null;
    if (!isLow) item.nextMicros += STEP_MICROS;
    count++;
    return {
      userId,
      amountMicros: most !== null && happens(50) ? null : toMicros(amount),
      maxMicros: most === null ? null : toMicros(most),
      buyNow: false,
      idempotencyKey: happens(70) ? `key${count}` : null,
    };
  }

  async function send(url: string, sent: Sent): Promise<void> {
    const { item, bid } = sent;
    unanswered = sent;
    const { itemId } = item.definition;
    const answer = await item.recorder.bid(bid, () => placeBid(url, itemId, bid));
    onAnswer(answer.kind);
    if (answer.kind === 'unknown') return;
    unanswered = null;
    if (bid.idempotencyKey !== null) answered = sent;
    if (answer.kind !== 'accepted' && answer.kind !== 'refused') return;
    item.nextMicros = Math.max(item.nextMicros, answer.priceMicros + STEP_MICROS);
  }

  async function sendAgain(url: string): Promise<void> {
    const again = [unanswered, answered].filter((sent) => sent !== null);
    unanswered = null;
    for (const sent of again) {
      if (sent.bid.idempotencyKey !== null && happens(70)) await send(url, sent);
    }
  }

  async function act(url: string): Promise<void> {
    const item = items[happens(50) ? 0 : random.integer(0, items.length - 1)];
    if (item === undefined) throw new Error('a load without items');
    const { itemId } = item.definition;
    if (happens(5)) await item.recorder.read(() => readItem(url, itemId)).catch(allowUndecided);
    else await send(url, { item, bid: offer(item) });
  }

  return async (url: string, isStopped: () => boolean): Promise<void> => {
    try {
      await sendAgain(url);
      while (!isStopped()) await act(url);
    } catch (error) {
      if (!isLostConnection(error)) throw error;
    }
  };
}
