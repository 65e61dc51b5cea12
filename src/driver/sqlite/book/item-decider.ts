/** Asks the rules about held items, and adds what they decide to what waits for the commit. */
import type { Clock } from '../../../core/clock.ts';
import {
  IDEMPOTENCY_KEYS,
  type PlaceAnswer,
  type PlaceCommand,
} from '../../../live/port/item-book.ts';
import { placeAnswer } from '../../../live/rule/answer.ts';
import { closeItem } from '../../../live/rule/close.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import { placeBid } from '../../../live/rule/place.ts';
import type { HeldItem } from './held-items.ts';
import type { AnswerKey, ItemRows } from './item-rows.ts';
import type { PendingDecisions } from './pending-decisions.ts';

export type ItemDeciderParts = {
  readonly rows: Pick<ItemRows, 'findAnswer' | 'countAnswers'>;
  readonly pending: PendingDecisions;
  readonly clock: Clock;
};

/** Users of one item whose keys are counted in memory. */
const MOST_COUNTED = 1_000;

export function createItemDecider({ rows, pending, clock }: ItemDeciderParts) {
  function place(item: HeldItem, command: PlaceCommand): PlaceAnswer {
    const nowMs = clock.nowMs();
    const before = item.state;
    const decision = placeBid(before, command, nowMs);
    if (decision.accepted) {
      item.state = decision.state;
      pending.addBid(item, decision.record, decision.events);
    }
    return placeAnswer(decision, { bid: command, before, nowMs });
  }

  /** False when the user has no more keys. Counts the rows at the first key, and at the bound: some may be old. */
  function countKey({ state, keyCounts }: HeldItem, userId: string): boolean {
    let count = keyCounts.get(userId) ?? IDEMPOTENCY_KEYS;
    if (count >= IDEMPOTENCY_KEYS) count = rows.countAnswers(state.itemId, userId, clock.nowMs());
    // Who is forgotten is counted again.
    if (keyCounts.size >= MOST_COUNTED) keyCounts.clear();
    keyCounts.set(userId, count + 1);
    return count < IDEMPOTENCY_KEYS;
  }

  function placeOnce(item: HeldItem, command: PlaceCommand, key: AnswerKey): PlaceAnswer {
    const { amountMicros, maxMicros, buyNow } = command;
    const parameters = JSON.stringify([amountMicros, maxMicros, buyNow]);
    const earlier = pending.findAnswer(key) ?? rows.findAnswer(key);
    if (earlier === null) {
      if (!countKey(item, command.userId)) return { kind: 'too-many-keys' };
      const answer = place(item, command);
      pending.addAnswer(item, { key, kept: { parameters, answer }, atMs: clock.nowMs() });
      return answer;
    }
    return earlier.parameters === parameters ? earlier.answer : { kind: 'idempotency-key-reused' };
  }

  function close(item: HeldItem, options: { eventId: string; force: boolean }): ItemEvent | null {
    const closed = closeItem(item.state, options, clock.nowMs());
    if (closed === null) return null;
    item.state = closed.state;
    pending.addEvent(item, closed.event);
    return closed.event;
  }

  return { place, placeOnce, close };
}
