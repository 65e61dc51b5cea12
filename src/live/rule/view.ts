/** What anybody may see of an item: its state without the maximum and the reserve. */
import type { Micros } from '../../core/money.ts';
import { buyNowOffer } from './buy-now.ts';
import { shownUserId } from './event-view.ts';
import type { ItemOutcome, ItemState, ItemStatus } from './item.ts';
import { isOver, nextMicros, statusAt } from './life.ts';
import { reserveMet } from './reserve.ts';

export type ItemView = {
  readonly itemId: string;
  readonly name: string;
  readonly epoch: string;
  readonly seq: number;
  /** `ended` only when the close event was made, never by a clock alone. */
  readonly status: ItemStatus;
  readonly outcome: ItemOutcome | null;
  readonly startMicros: Micros;
  readonly priceMicros: Micros;
  /** Masked when the item says so, but never to the leader. */
  readonly leaderId: string | null;
  readonly bidCount: number;
  readonly reserveMet: boolean;
  readonly nextMicros: Micros | null;
  /** Null when it cannot be had (any more). */
  readonly buyNowMicros: Micros | null;
  readonly opensAtMs: number | null;
  readonly endsAtMs: number | null;
};

/** @param viewerId who looks, as far as that is proved. */
export function viewOf(item: ItemState, nowMs: number, viewerId: string | null = null): ItemView {
  const { leaderId, policy } = item;
  const viewer = { masksBidders: policy.maskBidders, viewerId };
  return {
    itemId: item.itemId,
    name: item.name,
    epoch: item.epoch,
    seq: item.seq,
    status: statusAt(item, nowMs),
    outcome: item.outcome,
    startMicros: policy.startMicros,
    priceMicros: item.priceMicros,
    leaderId: leaderId === null ? null : shownUserId(leaderId, viewer),
    bidCount: item.bidCount,
    reserveMet: reserveMet(item),
    nextMicros: nextMicros(item, nowMs),
    buyNowMicros: isOver(item, nowMs) ? null : buyNowOffer(item),
    opensAtMs: item.opensAtMs,
    endsAtMs: item.endsAtMs,
  };
}
