/** Asks the rules about held items, and adds what they decide to what waits for the commit. */
import type { Clock } from '../../../core/clock.ts';
import type { PlaceAnswer, PlaceCommand } from '../../../live/port/item-book.ts';
import { placeAnswer } from '../../../live/rule/answer.ts';
import { closeItem } from '../../../live/rule/close.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import { placeBid } from '../../../live/rule/place.ts';
import { retractBid } from '../../../live/rule/retract.ts';
import type { HeldItem } from './held-items.ts';
import type { AnswerKey, ItemRows } from './item-rows.ts';
import type { PendingDecisions } from './pending-decisions.ts';

export type ItemDeciderParts = {
  readonly rows: Pick<ItemRows, 'findAnswer' | 'history'>;
  readonly pending: PendingDecisions;
  readonly clock: Clock;
};

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

  function placeOnce(item: HeldItem, command: PlaceCommand, key: AnswerKey): PlaceAnswer {
    const { amountMicros, maxMicros, buyNow } = command;
    const parameters = JSON.stringify([amountMicros, maxMicros, buyNow]);
    const earlier = pending.findAnswer(key) ?? rows.findAnswer(key);
    if (earlier === null) {
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

  /** The item's bids have to be committed: they are read from their rows. */
  function retract(item: HeldItem, options: { eventId: string; bidId: string }): ItemEvent | null {
    const history = rows.history(item.state.itemId);
    const retracted = retractBid(item.state, { ...options, history }, clock.nowMs());
    if (retracted === null) return null;
    item.state = retracted.state;
    pending.retractBid(item, options.bidId);
    pending.addEvent(item, retracted.event);
    return retracted.event;
  }

  return { place, placeOnce, close, retract };
}
