/** The next amount that would do after an event: null when none would, or the item has ended. */
import type { Micros } from '../../core/money.ts';
import type { ItemEvent, ItemState } from './item.ts';
import { nextMicros } from './life.ts';

/** @param item any state of the item in the event's epoch: only what never changes is looked at. */
export function nextAfter(event: ItemEvent, item: ItemState): Micros | null {
  if (event.type === 'close') return null;
  const leaderId = event.type === 'bid' ? event.userId : event.leaderId;
  const priceMicros = event.type === 'bid' ? event.amountMicros : event.priceMicros;
  const then = { ...item, status: 'active' as const, endsAtMs: null, leaderId, priceMicros };
  return nextMicros(then, 0);
}
