/** @returns undefined when an answer may compete for an impression, else the reason why not. */
import type { Answer, AuctionTerms, Imp, Reason } from './auction.ts';

const US_PER_MS = 1000;

export function check(imp: Imp, answer: Answer, terms: AuctionTerms): Reason | undefined {
  if (answer.outcome === 'no-bid') return 'no_bid';
  if (answer.outcome === 'error') return 'error';
  // A late answer is counted, never cleared, whatever outcome the driver reported.
  if (answer.outcome === 'timeout' || answer.latencyUs > terms.tmaxMs * US_PER_MS) return 'timeout';
  if (answer.priceMicros <= 0) return 'invalid_price';
  if (answer.priceMicros < imp.floorMicros) return 'below_floor';
  return undefined;
}
