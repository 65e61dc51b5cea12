/** Events of live items for the contracts of buses and archives. */
import type { BidEvent } from '../../src/live/rule/item.ts';
import { units } from './live-item.ts';

export function eventOf(seq: number, head: Partial<BidEvent> = {}): BidEvent {
  const { itemId = 'L1', epoch = 'epoch1' } = head;
  return {
    type: 'bid',
    eventId: `event:${itemId}:${epoch}:${seq}`,
    itemId,
    epoch,
    seq,
    atMs: seq,
    bidId: `bid${seq}`,
    userId: 'ann',
    amountMicros: units(seq),
    previousMicros: units(seq - 1),
    byProxy: false,
    beaten: null,
    reserveMet: true,
    endsAtMs: null,
    ...head,
  };
}

export function eventsOf(first: number, last: number, head: Partial<BidEvent> = {}): BidEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => eventOf(first + index, head));
}
