/**
 * Live items, answers and events as they leave: seed 004's names, decimal units, ISO times.
 *
 * What may be seen is the rule's to say (`live/rule/view.ts`); here it is only written.
 */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros } from '../../core/money.ts';
import type { AcceptedAnswer, RefusedAnswer } from '../../live/rule/answer.ts';
import type { CloseEvent, Refusal, RetractEvent } from '../../live/rule/item.ts';
import type { BidView, EventView, ItemView } from '../../live/rule/view.ts';
import { decimalOrNull, timeOrNull } from '../http/reply.ts';

export function itemJson(item: ItemView, nowMs: number) {
  return {
    id: item.itemId,
    name: item.name,
    currency: item.currency,
    current_bid: decimalFromMicros(item.priceMicros),
    highest_bidder_id: item.leaderId,
    status: item.status,
    outcome: item.outcome,
    seq: item.seq,
    epoch: item.epoch,
    start_price: decimalFromMicros(item.startMicros),
    minimum_next_bid: decimalOrNull(item.nextMicros),
    buy_now_price: decimalOrNull(item.buyNowMicros),
    reserve_met: item.reserveMet,
    bid_count: item.bidCount,
    opens_at: timeOrNull(item.opensAtMs),
    ends_at: timeOrNull(item.endsAtMs),
    server_time: timestamp(nowMs),
  };
}

export type EventJson = ReturnType<typeof eventJson>;

/** @param currency of the event's item */
export function eventJson(event: EventView, currency: string) {
  switch (event.type) {
    case 'bid':
      return { ...bidJson(event), currency };
    case 'retract':
      return { ...retractJson(event), currency };
    case 'close':
      return { ...closeJson(event), currency };
  }
}

function bidJson(event: BidView) {
  return {
    type: event.type,
    event_id: event.eventId,
    item_id: event.itemId,
    bid_id: event.bidId,
    user_id: event.userId,
    amount: decimalFromMicros(event.amountMicros),
    previous_bid: decimalFromMicros(event.previousMicros),
    timestamp: timestamp(event.atMs),
    seq: event.seq,
    epoch: event.epoch,
    by_proxy: event.byProxy,
    beaten_user_id: event.outbidUserId,
    reserve_met: event.reserveMet,
    ends_at: timeOrNull(event.endsAtMs),
  };
}

function retractJson(event: RetractEvent) {
  return {
    type: event.type,
    event_id: event.eventId,
    item_id: event.itemId,
    retracted_bid_id: event.retractedBidId,
    removed_user_id: event.removedUserId ?? null,
    current_bid: decimalFromMicros(event.priceMicros),
    highest_bidder_id: event.leaderId,
    timestamp: timestamp(event.atMs),
    seq: event.seq,
    epoch: event.epoch,
    reserve_met: event.reserveMet,
  };
}

function closeJson(event: CloseEvent) {
  return {
    type: event.type,
    event_id: event.eventId,
    item_id: event.itemId,
    outcome: event.outcome,
    winner_id: event.winnerId,
    current_bid: decimalFromMicros(event.priceMicros),
    timestamp: timestamp(event.atMs),
    seq: event.seq,
    epoch: event.epoch,
  };
}

/** @param amount what the bidder sent as a visible amount. */
export function acceptedJson(answer: AcceptedAnswer, amount: number | null) {
  const currentBid = decimalFromMicros(answer.priceMicros);
  return {
    success: true,
    message: acceptedMessage(answer),
    current_bid: currentBid,
    your_bid: answer.isHighest ? currentBid : amount,
    is_highest: answer.isHighest,
    event_id: answer.eventId,
    bid_id: answer.bidId,
    outbid_by_proxy: answer.outbidByProxy,
    ended: answer.ended,
    minimum_next_bid: decimalOrNull(answer.nextMicros),
    seq: answer.seq,
    epoch: answer.epoch,
    currency: answer.currency,
    ends_at: timeOrNull(answer.endsAtMs),
    reserve_met: answer.reserveMet,
  };
}

export function refusedJson(answer: RefusedAnswer, amount: number | null) {
  const currentBid = decimalFromMicros(answer.priceMicros);
  return {
    success: false,
    code: answer.code,
    message: refusedMessage(answer, amount),
    current_bid: currentBid,
    your_bid: amount ?? (answer.isHighest ? currentBid : null),
    is_highest: answer.isHighest,
    minimum_next_bid: decimalOrNull(answer.nextMicros),
    seq: answer.seq,
    epoch: answer.epoch,
    currency: answer.currency,
    ends_at: timeOrNull(answer.endsAtMs),
    reserve_met: answer.reserveMet,
  };
}

function acceptedMessage({ outbidByProxy, isHighest, ended, eventId }: AcceptedAnswer): string {
  if (outbidByProxy && !isHighest) return "Bid accepted, but another bidder's maximum is higher";
  if (ended) return 'Bid accepted: the item is yours';
  return eventId === null ? 'Maximum raised' : 'Bid accepted';
}

const REFUSAL_MESSAGES: Readonly<Record<Exclude<Refusal, 'bid_too_low'>, string>> = {
  maximum_too_low: 'Maximum must be higher: see minimum_next_bid and your own bid',
  not_open_yet: 'Bidding on this item has not opened yet',
  ended: 'Bidding on this item has ended',
  proxy_not_allowed: 'This item takes no maximum bids',
  buy_now_not_available: 'This item cannot be bought now',
  amount_too_fine: "An amount is finer than the currency's minor unit",
  banned: 'You may not bid on this item any more',
};

function refusedMessage(answer: RefusedAnswer, amount: number | null): string {
  const { code, priceMicros, nextMicros } = answer;
  if (code !== 'bid_too_low') return REFUSAL_MESSAGES[code];
  const isAbove = amount !== null && amount > decimalFromMicros(priceMicros);
  return isAbove && nextMicros !== null
    ? `Bid amount must be at least ${decimalFromMicros(nextMicros)}`
    : 'Bid amount must be higher than current bid';
}
