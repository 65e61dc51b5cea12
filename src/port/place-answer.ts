/** How a book tells a decision of the rule: the same words whichever driver decided. */
import type { Decision, ItemState, PlaceBid } from '../live/rule/item.ts';
import { nextMicros } from '../live/rule/life.ts';
import { reserveMet } from '../live/rule/reserve.ts';
import type { Judged, PlaceAnswer } from './item-book.ts';

/** @param judged the bid, the state that it was judged against, and the time it was judged at. */
export function placeAnswer(
  decision: Decision,
  judged: { bid: PlaceBid; before: ItemState; nowMs: number },
): Extract<PlaceAnswer, Judged> {
  const { bid, before, nowMs } = judged;
  const after = decision.accepted ? decision.state : before;
  const facts = {
    seq: after.seq,
    epoch: after.epoch,
    priceMicros: after.priceMicros,
    endsAtMs: after.endsAtMs,
    reserveMet: reserveMet(after),
    nextMicros: nextMicros(after, nowMs),
    isHighest: after.leaderId === bid.userId,
  };
  if (!decision.accepted) return { kind: 'refused', code: decision.code, ...facts };
  const event = decision.events[0];
  return {
    kind: 'accepted',
    ...facts,
    seq: event?.seq ?? after.seq,
    bidId: bid.bidId,
    eventId: event?.eventId ?? null,
    outbidByProxy: decision.outbidByProxy,
    ended: after.status === 'ended',
  };
}
