import { describe, expect, test } from 'bun:test';
import {
  bidOf,
  eventOf,
  impOf,
  resultOf,
  silenceOf,
  units,
} from '../../../test/support/auction.ts';
import { REASONS } from './auction.ts';
import { decide, replay } from './decide.ts';

function endsOf(result: ReturnType<typeof resultOf>): Record<string, string> {
  return Object.fromEntries(result.entries.map(({ bidderId, reason }) => [bidderId, reason]));
}

describe('an impression', () => {
  test('goes to the highest bid; the others are outbid', () => {
    const result = resultOf(impOf(), bidOf('a', 0.5), bidOf('b', 0.83), bidOf('c', 0.6));
    expect(result.winnerId).toBe('b');
    expect(result.clearingMicros).toBe(units(0.83));
    expect(endsOf(result)).toEqual({ a: 'outbid', b: 'highest_bid', c: 'outbid' });
  });

  test('is unsold without answers', () => {
    expect(resultOf(impOf())).toEqual({
      imp: impOf(),
      entries: [],
      winnerId: null,
      clearingMicros: null,
    });
  });

  test('is unsold when no bid may compete, with a reason for each', () => {
    const result = resultOf(
      impOf({ floorMicros: units(0.5) }),
      bidOf('low', 0.4),
      bidOf('late', 0.9, 201),
      bidOf('free', 0),
      silenceOf('silent', 'no-bid'),
      silenceOf('slow', 'timeout'),
      silenceOf('broken', 'error'),
    );
    expect([result.winnerId, result.clearingMicros]).toEqual([null, null]);
    expect(endsOf(result)).toEqual({
      low: 'below_floor',
      late: 'timeout',
      free: 'invalid_price',
      silent: 'no_bid',
      slow: 'timeout',
      broken: 'error',
    });
  });

  test('keeps the bidders in the order they were called', () => {
    const result = resultOf(impOf(), bidOf('c', 0.5), bidOf('a', 0.6), silenceOf('b', 'no-bid'));
    expect(result.entries.map(({ bidderId }) => bidderId)).toEqual(['c', 'a', 'b']);
  });

  test('goes to the earlier answer at the same price, in any calling order', () => {
    const [early, late] = [bidOf('early', 0.83, 9), bidOf('late', 0.83, 10)];
    expect(resultOf(impOf(), late, early).winnerId).toBe('early');
    expect(resultOf(impOf(), early, late).winnerId).toBe('early');
  });

  test('goes to the bidder that the seed chooses at the same price and time', () => {
    const winners = new Set<string | null>();
    for (let seed = 0; seed < 50; seed++) {
      const terms = { tmaxMs: 200, seed };
      const one = decide(impOf(), [bidOf('a', 0.83), bidOf('b', 0.83)], terms);
      const other = decide(impOf(), [bidOf('b', 0.83), bidOf('a', 0.83)], terms);
      expect(one.winnerId).toBe(other.winnerId);
      winners.add(one.winnerId);
    }
    expect(winners).toEqual(new Set(['a', 'b']));
  });

  test('is priced by the runner-up among the valid bids', () => {
    const imp = impOf({ auctionType: 'second-price', floorMicros: units(0.5) });
    const late = bidOf('late', 0.82, 201);
    expect(resultOf(imp, bidOf('a', 0.83), late, bidOf('b', 0.6)).clearingMicros).toBe(units(0.61));
    expect(resultOf(imp, bidOf('a', 0.83), late, bidOf('b', 0.4)).clearingMicros).toBe(units(0.5));
  });
});

test('a recorded auction is decided again from its event alone', () => {
  const event = eventOf(
    'auc_1',
    resultOf(impOf(), bidOf('a', 0.5), bidOf('b', 0.83)),
    resultOf(impOf({ supplyId: 'supply2' }), silenceOf('a', 'no-bid')),
  );
  expect(replay(event)).toEqual(event.results);
});

test('every reason has a state and a code', () => {
  for (const { state, iabCode } of Object.values(REASONS)) {
    expect(state.length).toBeGreaterThan(0);
    expect(Number.isInteger(iabCode)).toBe(true);
  }
});
