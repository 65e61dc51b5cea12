/** The hidden reserve: nothing of it is ever shown but whether it is met. */
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
