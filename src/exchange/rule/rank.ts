/**
 * The order of bids: the higher price, then the earlier answer, then the seed's choice.
 *
 * Total, and independent of the order of the input: two bids of the same price and time are ordered
 * by a hash of the auction's seed and the bidder's id, last by the id itself.
 */
import { seededHash } from '../../core/random.ts';
import type { Answer } from './auction.ts';

/** Whether `left` goes before `right`. */
export function beats(left: Answer, right: Answer, seed: number): boolean {
  if (left.priceMicros !== right.priceMicros) return left.priceMicros > right.priceMicros;
  if (left.latencyUs !== right.latencyUs) return left.latencyUs < right.latencyUs;
  const leftHash = seededHash(seed, left.bidderId);
  const rightHash = seededHash(seed, right.bidderId);
  if (leftHash !== rightHash) return leftHash < rightHash;
  return left.bidderId < right.bidderId;
}
