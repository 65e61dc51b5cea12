/**
 * Places a bid: the decision, the next state, its events and the record that the book keeps.
 *
 * Promised: an accepted bid makes exactly one bid event with the next `seq`, and none when only the
 * leader's own maximum rose (that moves neither price nor end); a buy now adds the close event.
 * Times decide, not the status: a scheduled item whose time has come is open, an item at its end
 * takes no bid though its close event is still to be made.
 */
import { present } from '../../core/assert.ts';
import { endAfterBid, endItem } from './close.ts';
import type {
  Accepted,
  BidEvent,
  BidRecord,
  Decision,
  ItemState,
  PlaceBid,
  Refusal,
  Standing,
} from './item.ts';
import { hasOpened, isOver, nextMicros } from './life.ts';
import { buyNowOffer, reserveMet } from './reserve.ts';
import { bidFault, settle } from './standing.ts';

export function placeBid(item: ItemState, bid: PlaceBid, nowMs: number): Decision {
  const decision = decide(item, bid, nowMs);
  if (typeof decision !== 'string') return decision;
  return { accepted: false, code: decision, nextMicros: nextMicros(item, nowMs) };
}

function decide(item: ItemState, bid: PlaceBid, nowMs: number): Accepted | Refusal {
  if (isOver(item, nowMs)) return 'ended';
  if (!hasOpened(item, nowMs)) return 'not_open_yet';
  if (item.bannedIds?.includes(bid.userId)) return 'banned';
  return bid.buyNow ? buyNow(item, bid, nowMs) : bidOn(item, bid, nowMs);
}

function bidOn(item: ItemState, bid: PlaceBid, nowMs: number): Accepted | Refusal {
  const record = recordOf(item, bid);
  const fault = bidFault(item, record, item.policy);
  if (fault !== null) return fault;
  const { standing, outbid } = settle(item, record, item.policy);
  const isHighest = standing.leaderId === bid.userId;
  const answer = { accepted: true, isHighest, outbidByProxy: outbid !== null, record } as const;
  if (standing.priceMicros === item.priceMicros) {
    return { ...answer, state: { ...item, ...standing }, events: [] };
  }
  const state = { ...withBid(item, standing), endsAtMs: endAfterBid(item, nowMs) };
  return { ...answer, state, events: [bidEvent(item, state, { bid, outbid, nowMs })] };
}

function buyNow(item: ItemState, bid: PlaceBid, nowMs: number): Accepted | Refusal {
  const amountMicros = buyNowOffer(item);
  if (amountMicros === null) return 'buy_now_not_available';
  const { bidId, userId } = bid;
  const standing = { priceMicros: amountMicros, leaderId: userId, leaderMaxMicros: amountMicros };
  const bought = withBid(item, standing);
  const closed = endItem(bought, `${bid.eventId}:end`, nowMs);
  return {
    accepted: true,
    state: closed.state,
    events: [bidEvent(item, bought, { bid, outbid: null, nowMs }), closed.event],
    isHighest: true,
    outbidByProxy: false,
    record: { bidId, userId, amountMicros, maxMicros: null },
  };
}

/** A maximum that comes with no higher visible amount than the bidder's own lead is a maximum only. */
function recordOf(item: ItemState, bid: PlaceBid): BidRecord {
  const { bidId, userId, amountMicros, maxMicros } = bid;
  const asksNoMore = amountMicros !== null && amountMicros <= item.priceMicros;
  const maximumOnly = userId === item.leaderId && maxMicros !== null && asksNoMore;
  return { bidId, userId, amountMicros: maximumOnly ? null : amountMicros, maxMicros };
}

function withBid(item: ItemState, standing: Standing): ItemState {
  return {
    ...item,
    ...standing,
    status: 'active',
    seq: item.seq + 1,
    bidCount: item.bidCount + 1,
  };
}

function bidEvent(
  before: ItemState,
  after: ItemState,
  { bid, outbid, nowMs }: { bid: PlaceBid; outbid: BidEvent['beaten']; nowMs: number },
): BidEvent {
  return {
    type: 'bid',
    eventId: bid.eventId,
    itemId: after.itemId,
    epoch: after.epoch,
    seq: after.seq,
    atMs: nowMs,
    bidId: bid.bidId,
    userId: present(after.leaderId, 'the leader after a bid'),
    amountMicros: after.priceMicros,
    previousMicros: before.priceMicros,
    byProxy: outbid !== null,
    beaten: outbid,
    reserveMet: reserveMet(after),
    endsAtMs: after.endsAtMs,
  };
}
