/** The end of an item: a late bid moves it, and one close event says that it has come. */
import type { CloseEvent, ItemOutcome, ItemState } from './item.ts';
import { isOver } from './life.ts';
import { reserveMet } from './reserve.ts';

export type Closed = { readonly state: ItemState; readonly event: CloseEvent };

/** Ends an item that is at its end, or at once when `force`. Null when ended already or not due. */
export function closeItem(
  item: ItemState,
  { eventId, force }: { eventId: string; force: boolean },
  nowMs: number,
): Closed | null {
  if (item.status === 'ended' || !(force || isOver(item, nowMs))) return null;
  return endItem(item, eventId, nowMs);
}

/** Ends an item that has not ended. */
export function endItem(item: ItemState, eventId: string, nowMs: number): Closed {
  const outcome = outcomeOf(item);
  const state: ItemState = {
    ...item,
    seq: item.seq + 1,
    status: 'ended',
    outcome,
    endsAtMs: Math.min(item.endsAtMs ?? nowMs, nowMs),
  };
  const event: CloseEvent = {
    type: 'close',
    eventId,
    itemId: item.itemId,
    epoch: item.epoch,
    seq: state.seq,
    atMs: nowMs,
    outcome,
    winnerId: outcome === 'sold' ? item.leaderId : null,
    priceMicros: item.priceMicros,
  };
  return { state, event };
}

function outcomeOf(item: ItemState): ItemOutcome {
  if (item.leaderId === null) return 'passed';
  return reserveMet(item) ? 'sold' : 'reserve-not-met';
}

/**
 * The soft close, so that nobody wins by being the last to press.
 * @returns the end after a bid at `nowMs`: never earlier than before, never moved past the absolute end
 */
export function endAfterBid(
  item: Pick<ItemState, 'policy' | 'endsAtMs'>,
  nowMs: number,
): number | null {
  const { endsAtMs } = item;
  const { softClose } = item.policy;
  if (endsAtMs === null || softClose === null) return endsAtMs;
  if (endsAtMs - nowMs > softClose.windowMs) return endsAtMs;
  const latestMs = softClose.absoluteEndMs ?? Number.POSITIVE_INFINITY;
  return Math.max(endsAtMs, Math.min(nowMs + softClose.extendMs, latestMs));
}
