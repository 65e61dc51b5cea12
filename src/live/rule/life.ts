/** Where an item is in its life. Whether it may be bid on is a matter of times, not of its status. */
import type { Micros } from '../../core/money.ts';
import { leastNext } from './increment.ts';
import type { ItemDefinition, ItemEvent, ItemState, ItemStatus } from './item.ts';
import { LIVE_LIMIT } from './limit.ts';
import { NO_BID } from './standing.ts';

/** The state before the first event. `epoch` names this life of the history. */
export function newItem(definition: ItemDefinition, epoch: string, nowMs: number): ItemState {
  return {
    ...definition,
    epoch,
    seq: 0,
    status: hasOpened(definition, nowMs) ? 'active' : 'scheduled',
    outcome: null,
    ...NO_BID,
    bidCount: 0,
    endsAtMs: definition.closesAtMs,
  };
}

export function hasOpened(item: Pick<ItemDefinition, 'opensAtMs'>, nowMs: number): boolean {
  return item.opensAtMs === null || nowMs >= item.opensAtMs;
}

/** Whether no bid may be taken any more: closed, or at its end and waiting to be closed. */
export function isOver(item: ItemState, nowMs: number): boolean {
  return item.status === 'ended' || (item.endsAtMs !== null && nowMs >= item.endsAtMs);
}

/** The public status: an item has ended only when its close event was made. */
export function statusAt(item: ItemState, nowMs: number): ItemStatus {
  if (item.status !== 'scheduled') return item.status;
  return hasOpened(item, nowMs) ? 'active' : 'scheduled';
}

/** The next amount that would do (before the opening: once it is open), null when none would. */
export function nextMicros(item: ItemState, nowMs: number): Micros | null {
  return isOver(item, nowMs) ? null : leastWithinBounds(item);
}

/**
 * The next amount that would do after an event: null when none would, or the item has ended.
 * @param item any state of the item in the event's epoch: only what never changes is looked at
 */
export function nextAfter(event: ItemEvent, item: ItemState): Micros | null {
  if (event.type === 'close') return null;
  const leaderId = event.type === 'bid' ? event.userId : event.leaderId;
  const priceMicros = event.type === 'bid' ? event.amountMicros : event.priceMicros;
  return leastWithinBounds({ ...item, leaderId, priceMicros });
}

function leastWithinBounds(item: ItemState): Micros | null {
  const next = leastNext(item, item.policy);
  return next > LIVE_LIMIT.priceMicros ? null : next;
}
