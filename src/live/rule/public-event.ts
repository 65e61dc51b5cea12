/** What anybody may see of an item's event: bidders masked when the item says so, and what is next. */
import type { Micros } from '../../core/money.ts';
import type { BidEvent, CloseEvent, ItemEvent, ItemState, RetractEvent } from './item.ts';
import { nextMicros } from './life.ts';
import { maskUserId } from './mask.ts';

type Next = { readonly nextMicros: Micros | null };

/** A beaten bid is told by the price alone: its amount may be somebody's maximum. */
export type PublicEvent =
  | (Omit<BidEvent, 'beaten'> & Next)
  | (RetractEvent & Next)
  | (CloseEvent & Next);

/** @param item any state of the item in the event's epoch: only what never changes is looked at. */
export function publicEvent(event: ItemEvent, item: ItemState): PublicEvent {
  const shown = (userId: string) => (item.policy.maskBidders ? maskUserId(userId) : userId);
  switch (event.type) {
    case 'bid': {
      const { beaten, userId, ...rest } = event;
      return {
        ...rest,
        userId: shown(userId),
        nextMicros: nextAfter(item, userId, event.amountMicros),
      };
    }
    case 'retract': {
      const { leaderId, priceMicros } = event;
      const next = nextAfter(item, leaderId, priceMicros);
      return { ...event, leaderId: leaderId === null ? null : shown(leaderId), nextMicros: next };
    }
    case 'close': {
      const { winnerId } = event;
      return { ...event, winnerId: winnerId === null ? null : shown(winnerId), nextMicros: null };
    }
  }
}

function nextAfter(item: ItemState, leaderId: string | null, priceMicros: Micros): Micros | null {
  const then = { ...item, status: 'active' as const, endsAtMs: null, leaderId, priceMicros };
  return nextMicros(then, 0);
}
