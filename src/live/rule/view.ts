/**
 * What anybody may see of an item and of its events: neither a maximum nor the reserve, and bidders
 * masked when the item says so, all but the one who looks.
 */
import type { Micros } from '../../core/money.ts';
import { currencyOf } from './currency.ts';
import type {
  BidEvent,
  CloseEvent,
  ItemEvent,
  ItemOutcome,
  ItemState,
  ItemStatus,
  RetractEvent,
} from './item.ts';
import { isOver, nextMicros, statusAt } from './life.ts';
import { buyNowOffer, reserveMet } from './reserve.ts';

export type ItemView = {
  readonly itemId: string;
  readonly name: string;
  /** By its ISO 4217 code. */
  readonly currency: string;
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

/** What an event says, without what an outbid bidder had offered: that may be somebody's maximum. */
export type EventView = BidView | RetractEvent | CloseEvent;

export type BidView = Omit<BidEvent, 'beaten'> & { readonly outbidUserId: string | null };

export type EventViewer = {
  readonly masksBidders: boolean;
  /** Who looks, as far as that is proved: the own id is never masked. */
  readonly viewerId?: string | null;
};

/** @param viewerId who looks, as far as that is proved. */
export function itemView(item: ItemState, nowMs: number, viewerId: string | null = null): ItemView {
  const { leaderId, policy } = item;
  const viewer = { masksBidders: policy.maskBidders, viewerId };
  return {
    itemId: item.itemId,
    name: item.name,
    currency: currencyOf(policy).code,
    epoch: item.epoch,
    seq: item.seq,
    status: statusAt(item, nowMs),
    outcome: item.outcome,
    startMicros: policy.startMicros,
    priceMicros: item.priceMicros,
    leaderId: shownOrNull(leaderId, viewer),
    bidCount: item.bidCount,
    reserveMet: reserveMet(item),
    nextMicros: nextMicros(item, nowMs),
    buyNowMicros: isOver(item, nowMs) ? null : buyNowOffer(item),
    opensAtMs: item.opensAtMs,
    endsAtMs: item.endsAtMs,
  };
}

export function eventView(event: ItemEvent, viewer: EventViewer): EventView {
  switch (event.type) {
    case 'bid':
      return bidView(event, viewer);
    case 'retract':
      return retractView(event, viewer);
    case 'close':
      return { ...event, winnerId: shownOrNull(event.winnerId, viewer) };
  }
}

function bidView({ beaten, ...event }: BidEvent, viewer: EventViewer): BidView {
  const outbidUserId = shownOrNull(beaten?.userId ?? null, viewer);
  return { ...event, userId: shown(event.userId, viewer), outbidUserId };
}

function retractView(event: RetractEvent, viewer: EventViewer): RetractEvent {
  const leaderId = shownOrNull(event.leaderId, viewer);
  if (event.removedUserId === undefined) return { ...event, leaderId };
  return { ...event, leaderId, removedUserId: shown(event.removedUserId, viewer) };
}

function shownOrNull(userId: string | null, viewer: EventViewer): string | null {
  return userId === null ? null : shown(userId, viewer);
}

function shown(userId: string, { masksBidders, viewerId }: EventViewer): string {
  return masksBidders && userId !== viewerId ? masked(userId) : userId;
}

/** The first and the last character, and not how long the id is. */
function masked(userId: string): string {
  return `${userId.slice(0, 1)}***${userId.slice(-1)}`;
}
