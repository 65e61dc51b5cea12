/** How a decision on a bid is answered: in the same words, whichever driver decided it. */
import type { Micros } from '../../core/money.ts';
import { currencyOf } from './currency.ts';
import type { Decision, ItemState, PlaceBid, Refusal } from './item.ts';
import { nextMicros } from './life.ts';
import { reserveMet } from './reserve.ts';

/** What every answer says of the item: as a refusal found it, as an accepted bid left it. */
export type Judged = {
  /** Of the bid's event; of the newest event when the bid made none. */
  readonly seq: number;
  readonly epoch: string;
  readonly currency: string;
  readonly priceMicros: Micros;
  readonly endsAtMs: number | null;
  readonly reserveMet: boolean;
  /** The next amount that would do, null when none would. */
  readonly nextMicros: Micros | null;
  readonly isHighest: boolean;
};

export type AcceptedAnswer = Judged & {
  readonly kind: 'accepted';
  readonly bidId: string;
  /** The bid's event; null when only the bidder's own maximum rose. */
  readonly eventId: string | null;
  readonly outbidByProxy: boolean;
  readonly ended: boolean;
};

export type RefusedAnswer = Judged & {
  readonly kind: 'refused';
  readonly code: Refusal;
  /** The node refused it by what it had seen before: the book was not asked. */
  readonly cached?: true;
};

export type JudgedAnswer = AcceptedAnswer | RefusedAnswer;

/** @param judged the bid, the state that it was judged against, and the time it was judged at. */
export function placeAnswer(
  decision: Decision,
  judged: { bid: PlaceBid; before: ItemState; nowMs: number },
): JudgedAnswer {
  const { bid, before, nowMs } = judged;
  const after = decision.accepted ? decision.state : before;
  const facts = judgedOf(after, { userId: bid.userId, nowMs });
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

/** What an answer says of an item in this state to this user. */
export function judgedOf(
  item: ItemState,
  { userId, nowMs }: { userId: string; nowMs: number },
): Judged {
  return {
    seq: item.seq,
    epoch: item.epoch,
    currency: currencyOf(item.policy).code,
    priceMicros: item.priceMicros,
    endsAtMs: item.endsAtMs,
    reserveMet: reserveMet(item),
    nextMicros: nextMicros(item, nowMs),
    isHighest: item.leaderId === userId,
  };
}
