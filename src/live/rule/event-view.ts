/**
 * An event as it leaves Gavel, in a history or on a socket: seed 004's names, decimal units, ISO
 * times. Bidders are masked when their item says so, all but the one who looks. What a beaten bid
 * offered stays out: it may be somebody's maximum.
 */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros } from '../../core/money.ts';
import type { BidEvent, CloseEvent, ItemEvent, RetractEvent } from './item.ts';
import { maskUserId } from './mask.ts';

export type EventViewer = {
  readonly masksBidders: boolean;
  /** Who looks, as far as that is proved: the own id is never masked. */
  readonly viewerId?: string | null;
};

export type EventView = ReturnType<typeof eventView>;

export function eventView(event: ItemEvent, viewer: EventViewer) {
  switch (event.type) {
    case 'bid':
      return bidView(event, viewer);
    case 'retract':
      return retractView(event, viewer);
    case 'close':
      return closeView(event, viewer);
  }
}

export function shownUserId(userId: string, { masksBidders, viewerId }: EventViewer): string {
  return masksBidders && userId !== viewerId ? maskUserId(userId) : userId;
}

function bidView(event: BidEvent, viewer: EventViewer) {
  const { beaten } = event;
  return {
    type: event.type,
    event_id: event.eventId,
    item_id: event.itemId,
    bid_id: event.bidId,
    user_id: shownUserId(event.userId, viewer),
    amount: decimalFromMicros(event.amountMicros),
    previous_bid: decimalFromMicros(event.previousMicros),
    timestamp: timestamp(event.atMs),
    seq: event.seq,
    epoch: event.epoch,
    by_proxy: event.byProxy,
    beaten_user_id: beaten === null ? null : shownUserId(beaten.userId, viewer),
    reserve_met: event.reserveMet,
    ends_at: event.endsAtMs === null ? null : timestamp(event.endsAtMs),
  };
}

function retractView(event: RetractEvent, viewer: EventViewer) {
  return {
    type: event.type,
    event_id: event.eventId,
    item_id: event.itemId,
    retracted_bid_id: event.retractedBidId,
    current_bid: decimalFromMicros(event.priceMicros),
    highest_bidder_id: event.leaderId === null ? null : shownUserId(event.leaderId, viewer),
    timestamp: timestamp(event.atMs),
    seq: event.seq,
    epoch: event.epoch,
    reserve_met: event.reserveMet,
  };
}

function closeView(event: CloseEvent, viewer: EventViewer) {
  return {
    type: event.type,
    event_id: event.eventId,
    item_id: event.itemId,
    outcome: event.outcome,
    winner_id: event.winnerId === null ? null : shownUserId(event.winnerId, viewer),
    current_bid: decimalFromMicros(event.priceMicros),
    timestamp: timestamp(event.atMs),
    seq: event.seq,
    epoch: event.epoch,
  };
}
