/** The policy of an item that nobody opened: it is made when it is first asked for. */
import { MICROS_PER_CENT, toMicros } from '../../core/money.ts';
import type { ItemPolicy } from './item.ts';

export const FIRST_SIGHT_POLICY: ItemPolicy = {
  startMicros: toMicros(MICROS_PER_CENT),
  increment: { kind: 'fixed', amountMicros: toMicros(MICROS_PER_CENT) },
  reserveMicros: null,
  buyNowMicros: null,
  proxy: true,
  softClose: null,
  maskBidders: false,
};
