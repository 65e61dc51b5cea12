import { describe, expect, test } from 'bun:test';
import { impOf } from '../../../test/support/auction.ts';
import { ZERO_MICROS } from '../../core/money.ts';
import type { ImpResult, Reason } from './auction.ts';
import { unsoldReason } from './unsold.ts';

function unsold(...reasons: readonly Reason[]): ImpResult {
  const entries = reasons.map((reason, index) => ({
    bidderId: `bidder${index}`,
    outcome: 'no-bid' as const,
    priceMicros: ZERO_MICROS,
    latencyUs: 1,
    reason,
  }));
  return { imp: impOf(), entries, winnerId: null, clearingMicros: null };
}

describe('the reason of an impression that was not sold', () => {
  test.each([
    [['no_bid'], 'no_bids'],
    [['no_bid', 'no_bid'], 'no_bids'],
    [['timeout', 'timeout'], 'all_timed_out'],
    [['below_floor'], 'below_floor'],
    [['no_bid', 'timeout'], 'mixed'],
    [['below_floor', 'no_bid', 'below_floor'], 'mixed'],
    [['error'], 'mixed'],
    [[], 'no_bids'],
  ] as const)('of bidders that ended in %p is %p', (reasons, word) => {
    expect(unsoldReason(unsold(...reasons))).toBe(word);
  });

  test('is none when it was sold', () => {
    expect(unsoldReason({ ...unsold('highest_bid'), winnerId: 'bidder0' })).toBeUndefined();
  });
});
