/**
 * The price that a winner pays.
 *
 * First price: its bid. Second price: the runner-up's bid plus the increment, at least the floor,
 * never above the winner's own bid; alone, the floor (OpenRTB 2.6, `at`: 1 first, 2 second price).
 */
import { addMicros, type Micros, maxMicros, minMicros } from '../../core/money.ts';
import type { Answer, Imp } from './auction.ts';

export function clear(imp: Imp, winner: Answer, runnerUp: Answer | undefined): Micros {
  if (imp.auctionType === 'first-price') return winner.priceMicros;
  if (runnerUp === undefined) return imp.floorMicros;
  const pressed = addMicros(runnerUp.priceMicros, imp.incrementMicros);
  return minMicros(winner.priceMicros, maxMicros(imp.floorMicros, pressed));
}
