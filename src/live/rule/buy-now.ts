/** Buy now is on offer until the bidding has begun; a reserve that is not met keeps it on. */
import type { Micros } from '../../core/money.ts';
import type { ItemState } from './item.ts';
import { reserveMet } from './reserve.ts';

/** The buy-now price, null when it cannot be had (any more). */
export function buyNowOffer(item: ItemState): Micros | null {
  const untouched = item.leaderId === null;
  return untouched || !reserveMet(item) ? item.policy.buyNowMicros : null;
}
