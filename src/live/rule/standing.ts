/**
 * What a bid does to the standing of an item: who leads, at what price, up to which secret maximum.
 *
 * The heart of the bidding, without clock and events. `bidFault` judges a new bid; `settle` counts
 * an accepted one, when it is placed and again when a retraction replays it. Promised: the earliest
 * of those who offered most leads, the price never falls and stays within the leader's maximum.
 * Amounts are within `LIVE_LIMIT.priceMicros`: the border has seen to that.
 */
import { present } from '../../core/assert.ts';
import { addMicros, type Micros, maxMicros, minMicros, ZERO_MICROS } from '../../core/money.ts';
import { currencyOf, isTooFine } from './currency.ts';
import { incrementAt, leastNext } from './increment.ts';
import type { BidEvent, BidRecord, ItemPolicy, Refusal, Standing } from './item.ts';
import { liftedToReserve } from './reserve.ts';

export const NO_BID: Standing = {
  priceMicros: ZERO_MICROS,
  leaderId: null,
  leaderMaxMicros: ZERO_MICROS,
};

/** The next standing, and the bid that the leader's proxy outbid at once, if it did. */
export type Ruling = { readonly standing: Standing; readonly outbid: BidEvent['beaten'] };

/** Why a new bid does not count, null when it does. */
export function bidFault(standing: Standing, bid: BidRecord, policy: ItemPolicy): Refusal | null {
  const { amountMicros, maxMicros: maximumMicros } = bid;
  const currency = currencyOf(policy);
  if (isTooFine(amountMicros, currency) || isTooFine(maximumMicros, currency)) {
    return 'amount_too_fine';
  }
  if (maximumMicros !== null && !policy.proxy) return 'proxy_not_allowed';
  if (amountMicros === null && maximumMicros === null) return 'bid_too_low';
  const leastMicros = leastNext(standing, policy);
  if (amountMicros !== null && amountMicros < leastMicros) return 'bid_too_low';
  if (maximumMicros === null) return null;
  if (maximumMicros < (amountMicros ?? leastMicros)) return 'maximum_too_low';
  const lowersOwn = bid.userId === standing.leaderId && maximumMicros < standing.leaderMaxMicros;
  return lowersOwn ? 'maximum_too_low' : null;
}

/** Counts an accepted bid. */
export function settle(standing: Standing, bid: BidRecord, policy: ItemPolicy): Ruling {
  const bestMicros = present(bid.maxMicros ?? bid.amountMicros, 'what a bid offers');
  const challenges = standing.leaderId !== null && standing.leaderId !== bid.userId;
  if (challenges && bestMicros <= standing.leaderMaxMicros) {
    const outbid = { userId: bid.userId, amountMicros: bestMicros };
    return { standing: answered(standing, bestMicros, policy), outbid };
  }
  const led = {
    priceMicros: priceOfLead(standing, bid, policy),
    leaderId: bid.userId,
    leaderMaxMicros: maxMicros(standing.leaderMaxMicros, bestMicros),
  };
  return { standing: liftedToReserve(led, policy.reserveMicros), outbid: null };
}

/** The leader's proxy bids one increment more than the challenger's best, within its maximum. */
function answered(standing: Standing, bestMicros: Micros, policy: ItemPolicy): Standing {
  const answerMicros = minMicros(standing.leaderMaxMicros, oneMore(bestMicros, policy));
  return { ...standing, priceMicros: maxMicros(standing.priceMicros, answerMicros) };
}

function priceOfLead(standing: Standing, bid: BidRecord, policy: ItemPolicy): Micros {
  if (standing.leaderId === null) return bid.amountMicros ?? policy.startMicros;
  const visibleMicros = bid.amountMicros ?? ZERO_MICROS;
  // Nobody bids against themselves: the own price moves only to an amount that was asked for.
  if (standing.leaderId === bid.userId) return maxMicros(standing.priceMicros, visibleMicros);
  if (bid.maxMicros === null) return visibleMicros;
  const overMicros = oneMore(standing.leaderMaxMicros, policy);
  return maxMicros(visibleMicros, minMicros(bid.maxMicros, overMicros));
}

function oneMore(amountMicros: Micros, policy: ItemPolicy): Micros {
  return addMicros(amountMicros, incrementAt(policy, amountMicros));
}
