/** Live items as the answers show them: decimal units, snake_case names, ISO times. */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros } from '../../core/money.ts';
import type { PlaceAnswer } from '../../live/port/item-book.ts';
import type { Refusal } from '../../live/rule/item.ts';
import type { ItemView } from '../../live/rule/view.ts';
import { decimalOrNull, timeOrNull } from '../http/reply.ts';

type Accepted = Extract<PlaceAnswer, { kind: 'accepted' }>;
type Refused = Extract<PlaceAnswer, { kind: 'refused' }>;

export function itemView(item: ItemView, nowMs: number) {
  return {
    id: item.itemId,
    name: item.name,
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

/** @param amount what the bidder sent as a visible amount. */
export function acceptedView(answer: Accepted, amount: number | null) {
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
    ends_at: timeOrNull(answer.endsAtMs),
    reserve_met: answer.reserveMet,
  };
}

export function refusedView(answer: Refused, amount: number | null) {
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
    ends_at: timeOrNull(answer.endsAtMs),
    reserve_met: answer.reserveMet,
  };
}

function acceptedMessage({ outbidByProxy, isHighest, ended, eventId }: Accepted): string {
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
};

function refusedMessage(answer: Refused, amount: number | null): string {
  const { code, priceMicros, nextMicros } = answer;
  if (code !== 'bid_too_low') return REFUSAL_MESSAGES[code];
  const isAbove = amount !== null && amount > decimalFromMicros(priceMicros);
  return isAbove && nextMicros !== null
    ? `Bid amount must be at least ${decimalFromMicros(nextMicros)}`
    : 'Bid amount must be higher than current bid';
}
