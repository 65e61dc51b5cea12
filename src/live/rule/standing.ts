/**
 * What a bid does to the standing of an item: who leads, at what price, up to which secret maximum.
 *
 * The heart of the bidding, without clock and events: placing adds those, a retraction replays it.
 * Promised: one bid gives at most one new price, higher than the last and within the leader's
 * maximum; of equal maxima the earlier leads. Amounts are within `LIMIT.priceMicros`: the border
 * has seen to that.
 */
import { addMicros, type Micros, maxMicros, minMicros } from '../../core/money.ts';
import { incrementAt, leastNext } from './increment.ts';
import type { BidEvent, BidRecord, ItemPolicy, Refusal, Standing } from './item.ts';
import { liftedToReserve } from './reserve.ts';

/** The next standing, and the challenger that the leader's proxy beat, if it did. */
export type Ruling = { readonly standing: Standing; readonly beaten: BidEvent['beaten'] };

/** Rules on one bid, or says in a code why it does not count. */
export function ruleOn(standing: Standing, bid: BidRecord, policy: ItemPolicy): Ruling | Refusal {
  if (bid.maxMicros !== null && !policy.proxy) return 'proxy_not_allowed';
  const leastMicros = leastNext(standing, policy);
  const refusal = tooLow(bid, leastMicros);
  if (refusal !== null) return refusal;
  if (bid.userId === standing.leaderId) return raiseOwn(standing, bid, policy);
  const bestMicros = bid.maxMicros ?? bid.amountMicros ?? leastMicros;
  if (standing.leaderId !== null && bestMicros <= standing.leaderMaxMicros) {
    return answerByProxy(standing, { userId: bid.userId, amountMicros: bestMicros }, policy);
  }
  return takeTheLead(standing, bid, policy);
}

function tooLow(bid: BidRecord, leastMicros: Micros): Refusal | null {
  const { amountMicros, maxMicros } = bid;
  if (amountMicros === null && maxMicros === null) return 'bid_too_low';
  if (amountMicros !== null && amountMicros < leastMicros) return 'bid_too_low';
  if (maxMicros !== null && maxMicros < (amountMicros ?? leastMicros)) return 'maximum_too_low';
  return null;
}

/** Nobody bids against themselves: the price moves only to an amount that was asked for. */
function raiseOwn(standing: Standing, bid: BidRecord, policy: ItemPolicy): Ruling | Refusal {
  const { priceMicros, leaderMaxMicros } = standing;
  if (bid.maxMicros !== null && bid.maxMicros < leaderMaxMicros) return 'maximum_too_low';
  const amountMicros = bid.amountMicros ?? priceMicros;
  const raised = {
    ...standing,
    priceMicros: amountMicros,
    leaderMaxMicros: maxMicros(leaderMaxMicros, bid.maxMicros ?? amountMicros),
  };
  return { standing: liftedToReserve(raised, policy.reserveMicros), beaten: null };
}

function answerByProxy(
  standing: Standing,
  beaten: NonNullable<BidEvent['beaten']>,
  policy: ItemPolicy,
): Ruling {
  const overMicros = addMicros(
    beaten.amountMicros,
    incrementAt(policy.increment, beaten.amountMicros),
  );
  const priceMicros = minMicros(standing.leaderMaxMicros, overMicros);
  return { standing: { ...standing, priceMicros }, beaten };
}

function takeTheLead(standing: Standing, bid: BidRecord, policy: ItemPolicy): Ruling {
  const priceMicros = winningPrice(standing, bid, policy);
  const led = {
    priceMicros,
    leaderId: bid.userId,
    leaderMaxMicros: bid.maxMicros ?? priceMicros,
  };
  return { standing: liftedToReserve(led, policy.reserveMicros), beaten: null };
}

/** A straight bid pays what it says; a maximum pays as little over the beaten one as will do. */
function winningPrice(standing: Standing, bid: BidRecord, policy: ItemPolicy): Micros {
  const visibleMicros = bid.amountMicros ?? leastNext(standing, policy);
  if (bid.maxMicros === null || standing.leaderId === null) return visibleMicros;
  const beatenMicros = standing.leaderMaxMicros;
  const overMicros = addMicros(beatenMicros, incrementAt(policy.increment, beatenMicros));
  return maxMicros(visibleMicros, minMicros(bid.maxMicros, overMicros));
}
