/**
 * Takes a bid back, as if it had never been placed: the other accepted bids are counted again.
 *
 * They all still count: who offered most leads. Only here may a price fall (and it may rise by one
 * increment, where a tie is no longer one). The end in force stays, also when the retracted bid had moved it; what
 * was told stays told, so the retraction is one more event. An ended item keeps its outcome.
 */
import type { BidRecord, ItemPolicy, ItemState, RetractEvent, Standing } from './item.ts';
import { isOver } from './life.ts';
import { reserveMet } from './reserve.ts';
import { NO_BID, settle } from './standing.ts';

export type Retracted = { readonly state: ItemState; readonly event: RetractEvent };

/**
 * @param history the records of all accepted bids that were not retracted, oldest first. The caller
 *   drops the retracted one from it.
 * @returns null when the item is over or `history` has no bid of that id.
 */
export function retractBid(
  item: ItemState,
  { history, bidId, eventId }: { history: readonly BidRecord[]; bidId: string; eventId: string },
  nowMs: number,
): Retracted | null {
  const others = history.filter((record) => record.bidId !== bidId);
  if (isOver(item, nowMs) || others.length === history.length) return null;
  const state: ItemState = { ...item, ...replay(others, item.policy), seq: item.seq + 1 };
  const event: RetractEvent = {
    type: 'retract',
    eventId,
    itemId: state.itemId,
    epoch: state.epoch,
    seq: state.seq,
    atMs: nowMs,
    retractedBidId: bidId,
    priceMicros: state.priceMicros,
    leaderId: state.leaderId,
    reserveMet: reserveMet(state),
  };
  return { state, event };
}

function replay(
  history: readonly BidRecord[],
  policy: ItemPolicy,
): Standing & { readonly bidCount: number } {
  let standing = NO_BID;
  let bidCount = 0;
  for (const record of history) {
    const next = settle(standing, record, policy).standing;
    if (next.priceMicros > standing.priceMicros) bidCount += 1;
    standing = next;
  }
  return { ...standing, bidCount };
}
