/**
 * The hidden reserve, of which nothing is ever shown but whether it is met; and buy now, on offer until
 * the bidding has begun, and longer while the reserve is not met.
 */
import type { Micros } from '../../core/money.ts';
import type { ItemState, Standing } from './item.ts';

export function reserveMet(item: Pick<ItemState, 'policy' | 'priceMicros'>): boolean {
  return item.policy.reserveMicros === null || item.priceMicros >= item.policy.reserveMicros;
}

/** A maximum that reaches the reserve bids the reserve at once. */
export function liftedToReserve(
  standing: Standing,
  reserveMicros: ItemState['policy']['reserveMicros'],
): Standing {
  const { priceMicros, leaderMaxMicros } = standing;
  const lifts =
    reserveMicros !== null && priceMicros < reserveMicros && reserveMicros <= leaderMaxMicros;
  return lifts ? { ...standing, priceMicros: reserveMicros } : standing;
}

/** The buy-now price, null when it cannot be had (any more). */
export function buyNowOffer(item: ItemState): Micros | null {
  const untouched = item.leaderId === null;
  return untouched || !reserveMet(item) ? item.policy.buyNowMicros : null;
}
