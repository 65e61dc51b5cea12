/**
 * An item book of the pure rules and a few maps: the tables run on it before any driver, and it is
 * the simplest implementation of the port. It decides each call at once, so no calls overlap
 * inside.
 */
import type { Clock } from '../../src/core/clock.ts';
import {
  IDEMPOTENCY_KEYS,
  type ItemBook,
  NotDecidedError,
  type PlaceAnswer,
  type PlaceCommand,
} from '../../src/live/port/item-book.ts';
import { placeAnswer } from '../../src/live/rule/answer.ts';
import { closeItem } from '../../src/live/rule/close.ts';
import type { BidRecord, ItemEvent, ItemState } from '../../src/live/rule/item.ts';
import { newItem } from '../../src/live/rule/life.ts';
import { placeBid } from '../../src/live/rule/place.ts';
import { takeBackFrom, testOf } from '../../src/live/rule/retract.ts';

type Kept = {
  state: ItemState;
  history: BidRecord[];
  readonly answers: Map<string, { parameters: string; answer: PlaceAnswer }>;
};

/** What outlives a book: hand it to the next one. While `failing`, nothing can be decided. */
export type RuleStore = { items: Map<string, Kept>; outbox: ItemEvent[]; failing: boolean };

export function createRuleStore(): RuleStore {
  return { items: new Map(), outbox: [], failing: false };
}

export function createRuleBook(clock: Clock, store = createRuleStore()): ItemBook {
  function kept(itemId: string): Kept | undefined {
    if (store.failing) throw new NotDecidedError('the store is failing');
    return store.items.get(itemId);
  }

  function decide(item: Kept, command: PlaceCommand): PlaceAnswer {
    const nowMs = clock.nowMs();
    const before = item.state;
    const decision = placeBid(before, command, nowMs);
    if (decision.accepted) {
      item.state = decision.state;
      item.history.push(decision.record);
      store.outbox.push(...decision.events);
    }
    return placeAnswer(decision, { bid: command, before, nowMs });
  }

  function decideOnce(item: Kept, command: PlaceCommand): PlaceAnswer {
    const { userId, idempotencyKey, amountMicros, maxMicros, buyNow } = command;
    if (idempotencyKey === null) return decide(item, command);
    const key = JSON.stringify([userId, idempotencyKey]);
    const parameters = JSON.stringify([amountMicros, maxMicros, buyNow]);
    const earlier = item.answers.get(key);
    if (earlier !== undefined) {
      return earlier.parameters === parameters
        ? earlier.answer
        : { kind: 'idempotency-key-reused' };
    }
    const ofUser = [...item.answers.keys()].filter((one) => JSON.parse(one)[0] === userId);
    if (ofUser.length >= IDEMPOTENCY_KEYS) return { kind: 'too-many-keys' };
    const answer = decide(item, command);
    item.answers.set(key, { parameters, answer });
    return answer;
  }

  function keep(item: Kept, next: { state: ItemState; event: ItemEvent } | null): ItemEvent | null {
    if (next === null) return null;
    item.state = next.state;
    store.outbox.push(next.event);
    return next.event;
  }

  return {
    async open(definition) {
      const taken = kept(definition.itemId);
      if (taken !== undefined) return { state: taken.state, created: false };
      const state = newItem(definition, `epoch${store.items.size + 1}`, clock.nowMs());
      store.items.set(definition.itemId, { state, history: [], answers: new Map() });
      return { state, created: true };
    },
    async place(command) {
      const item = kept(command.itemId);
      return item === undefined ? { kind: 'unknown-item' } : decideOnce(item, command);
    },
    async close(itemId, options) {
      const item = kept(itemId);
      return item === undefined ? null : keep(item, closeItem(item.state, options, clock.nowMs()));
    },
    async retract(itemId, options) {
      const item = kept(itemId);
      if (item === undefined) return null;
      const { history } = item;
      const nowMs = clock.nowMs();
      const event = keep(item, takeBackFrom(history, item.state, { ...options, nowMs }));
      const isUnwanted = testOf(options.unwanted);
      if (event !== null) item.history = history.filter((record) => !isUnwanted(record));
      return event;
    },
    async read(itemId) {
      return kept(itemId)?.state ?? null;
    },
    async [Symbol.asyncDispose]() {},
  };
}
