/**
 * What the book has decided in this turn of the event loop: what is to be written, and who waits.
 *
 * An item's state is written once a commit however many bids moved it.
 */
import { NotDecidedError } from '../../../live/port/item-book.ts';
import type { BidRecord, ItemEvent } from '../../../live/rule/item.ts';
import type { Unwanted } from '../../../live/rule/retract.ts';
import type { SqliteLimit } from '../file/limit.ts';
import type { TurnCommit } from '../file/turn-commit.ts';
import type { BidHistory } from './bid-history.ts';
import type { HeldItem, HeldItems } from './held-items.ts';
import type { AnswerKey, ItemRows, KeyedAnswer } from './item-rows.ts';
import type { OutboxWriter } from './outbox-batch.ts';

export type BookTurnParts = {
  readonly rows: Pick<ItemRows, 'write' | 'addAnswer'>;
  readonly history: Pick<BidHistory, 'add' | 'takeBack'>;
  readonly outbox: OutboxWriter;
  readonly commit: TurnCommit;
  readonly items: HeldItems;
  readonly limit: Pick<SqliteLimit, 'outboxEvents' | 'decisionsPerCommit'>;
};

export type BookTurn = ReturnType<typeof createBookTurn>;

type NewAnswer = { readonly key: AnswerKey; readonly kept: KeyedAnswer; readonly atMs: number };

type Turn = {
  readonly touched: HeldItem[];
  readonly events: ItemEvent[];
  readonly answers: Map<string, NewAnswer>;
  readonly takenBack: { itemId: string; unwanted: Unwanted }[];
  readonly waiting: { tell(): void; reject(failure: Error): void }[];
};

function emptyTurn(): Turn {
  return { touched: [], events: [], answers: new Map(), takenBack: [], waiting: [] };
}

export function createBookTurn(parts: BookTurnParts) {
  const { outbox, commit, items, limit } = parts;
  let turn = emptyTurn();

  function touch(item: HeldItem): void {
    if (item.isTouched) return;
    item.isTouched = true;
    turn.touched.push(item);
    commit.request();
  }

  function settle(cause: Error | null): void {
    const { touched, waiting } = turn;
    turn = emptyTurn();
    for (const item of touched) {
      item.isTouched = false;
      item.bids.length = 0;
      if (cause !== null) items.drop(item);
    }
    outbox.settle(cause === null);
    release(waiting, cause);
  }

  commit.join({ write: () => writeTurn(turn, parts), settle });
  return {
    /** @throws NotDecidedError when the backlog of the outbox is at its bound. */
    demandRoom: (): void => {
      if (outbox.backlogCount() + turn.events.length < limit.outboxEvents) return;
      throw new NotDecidedError('the events of earlier bids are not carried away');
    },
    touch,
    addBid: (item: HeldItem, record: BidRecord, events: readonly ItemEvent[]): void => {
      touch(item);
      item.bids.push(record);
      for (const event of events) turn.events.push(event);
    },
    addEvent: (item: HeldItem, event: ItemEvent): void => {
      touch(item);
      turn.events.push(event);
    },
    /** All bids that it means have to be committed. */
    takeBack: ({ state: { itemId } }: HeldItem, unwanted: Unwanted): void => {
      turn.takenBack.push({ itemId, unwanted });
    },
    findAnswer: (key: AnswerKey): KeyedAnswer | null => turn.answers.get(textOf(key))?.kept ?? null,
    addAnswer: (item: HeldItem, answer: NewAnswer): void => {
      touch(item);
      turn.answers.set(textOf(answer.key), answer);
    },
    /** Answers when all that the answer rests on is durable. */
    tell: <Answer>(item: HeldItem, answer: Answer): Promise<Answer> => {
      if (!item.isTouched) return Promise.resolve(answer);
      const told = new Promise<Answer>((resolve, reject) => {
        turn.waiting.push({ tell: () => resolve(answer), reject });
      });
      if (turn.waiting.length >= limit.decisionsPerCommit) commit.flush();
      return told;
    },
  };
}

function writeTurn(turn: Turn, { rows, history, outbox }: BookTurnParts): void {
  // Before the bids of this turn: they are newer than what is taken back.
  for (const { itemId, unwanted } of turn.takenBack) history.takeBack(itemId, unwanted);
  for (const { state, bids } of turn.touched) {
    rows.write(state);
    if (bids.length > 0) history.add(state.itemId, bids);
  }
  for (const { key, kept, atMs } of turn.answers.values()) rows.addAnswer(key, kept, atMs);
  outbox.write(turn.events);
}

function release(waiting: Turn['waiting'], cause: Error | null): void {
  if (cause === null) {
    for (const { tell } of waiting) tell();
    return;
  }
  const failure = new NotDecidedError('the commit failed', { cause });
  for (const { reject } of waiting) reject(failure);
}

function textOf({ itemId, userId, idempotencyKey }: AnswerKey): string {
  return JSON.stringify([itemId, userId, idempotencyKey]);
}
