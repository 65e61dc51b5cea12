/**
 * What the book has decided since its last commit: what is to be written, and who waits for it.
 *
 * An item's state is written once per commit however many bids moved it.
 */
import { NotDecidedError } from '../../../live/port/item-book.ts';
import type { BidRecord, ItemEvent } from '../../../live/rule/item.ts';
import type { SqliteLimit } from '../file/limit.ts';
import type { TurnCommit } from '../file/turn-commit.ts';
import type { HeldItem, HeldItems } from './held-items.ts';
import type { AnswerKey, ItemRows, KeyedAnswer } from './item-rows.ts';
import type { OutboxWriter } from './outbox-batch.ts';

export type PendingDecisionsParts = {
  readonly rows: ItemRows;
  readonly outbox: OutboxWriter;
  readonly commit: TurnCommit;
  readonly items: HeldItems;
  readonly limit: Pick<SqliteLimit, 'outboxEvents' | 'decisionsPerCommit'>;
};

export type PendingDecisions = ReturnType<typeof createPendingDecisions>;

type NewAnswer = { readonly key: AnswerKey; readonly kept: KeyedAnswer; readonly atMs: number };

type Waiting = { resolve(): void; reject(failure: Error): void };

type Decisions = {
  readonly touched: HeldItem[];
  readonly events: ItemEvent[];
  readonly answers: Map<string, NewAnswer>;
  readonly retracted: { itemId: string; bidId: string }[];
  readonly waiting: Waiting[];
};

export function createPendingDecisions(parts: PendingDecisionsParts) {
  const { rows, outbox, commit, items, limit } = parts;
  let pending = noDecisions();

  function touch(item: HeldItem): void {
    if (item.isTouched) return;
    item.isTouched = true;
    pending.touched.push(item);
    commit.request();
  }

  function write(): void {
    writeRows(rows, pending);
    outbox.write(pending.events);
  }

  function settle(cause: Error | null): void {
    const { touched, waiting } = pending;
    pending = noDecisions();
    for (const item of touched) {
      item.isTouched = false;
      item.bids.length = 0;
      if (cause !== null) items.drop(item);
    }
    outbox.settle(cause === null);
    answerAll(waiting, cause);
  }

  commit.join({ write, settle });
  return {
    /** @throws NotDecidedError when the backlog of the outbox is at its bound. */
    demandRoom: (): void => {
      if (outbox.backlogCount() + pending.events.length < limit.outboxEvents) return;
      throw new NotDecidedError('the events of earlier bids are not carried away');
    },
    touch,
    addBid: (item: HeldItem, record: BidRecord, events: readonly ItemEvent[]): void => {
      touch(item);
      item.bids.push(record);
      for (const event of events) pending.events.push(event);
    },
    addEvent: (item: HeldItem, event: ItemEvent): void => {
      touch(item);
      pending.events.push(event);
    },
    retractBid: ({ state: { itemId } }: HeldItem, bidId: string): void => {
      pending.retracted.push({ itemId, bidId });
    },
    findAnswer: (key: AnswerKey): KeyedAnswer | null =>
      pending.answers.get(textOf(key))?.kept ?? null,
    addAnswer: (item: HeldItem, answer: NewAnswer): void => {
      touch(item);
      pending.answers.set(textOf(answer.key), answer);
    },
    /** Resolves with the answer when all that it rests on is durable. */
    whenDurable: <Answer>(item: HeldItem, answer: Answer): Promise<Answer> => {
      if (!item.isTouched) return Promise.resolve(answer);
      const durable = new Promise<Answer>((resolve, reject) => {
        pending.waiting.push({ resolve: () => resolve(answer), reject });
      });
      if (pending.waiting.length >= limit.decisionsPerCommit) commit.flush();
      return durable;
    },
  };
}

function noDecisions(): Decisions {
  return { touched: [], events: [], answers: new Map(), retracted: [], waiting: [] };
}

function writeRows(rows: ItemRows, { touched, answers, retracted }: Decisions): void {
  for (const { state, bids } of touched) {
    rows.write(state);
    if (bids.length > 0) rows.addBids(state.itemId, bids);
  }
  for (const { key, kept, atMs } of answers.values()) rows.addAnswer(key, kept, atMs);
  for (const { itemId, bidId } of retracted) rows.retract(itemId, bidId);
}

function answerAll(waiting: readonly Waiting[], cause: Error | null): void {
  const failure = cause === null ? null : new NotDecidedError('the commit failed', { cause });
  for (const { resolve, reject } of waiting) failure === null ? resolve() : reject(failure);
}

function textOf({ itemId, userId, idempotencyKey }: AnswerKey): string {
  return JSON.stringify([itemId, userId, idempotencyKey]);
}
