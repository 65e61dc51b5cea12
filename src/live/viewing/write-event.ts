/** An event written once for every viewer of its item: masked as the item says, with what is next. */
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { nextAfter } from '../rule/life.ts';
import { eventView } from '../rule/view.ts';
import type { Wire } from './viewer.ts';

/** @param item any state of the item in the event's epoch. */
export function writeEvent(
  event: ItemEvent,
  { item, wire }: { item: ItemState; wire: Wire },
): string {
  const view = eventView(event, { masksBidders: item.policy.maskBidders });
  return wire.event(view, nextAfter(event, item));
}
