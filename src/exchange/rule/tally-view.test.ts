import { describe, expect, test } from 'bun:test';
import {
  bidOf,
  eventOf,
  impOf,
  resultOf,
  silenceOf,
  units,
} from '../../../test/support/auction.ts';
import { ZERO_MICROS } from '../../core/money.ts';
import { addEvent, createTally, type Tally } from './tally.ts';
import { selectSupplies, selectTotals } from './tally-view.ts';

/** One auction per sale, in order: a supply, a bidder and the price it paid. */
function tallyOf(...sales: [supplyId: string, bidderId: string, amount: number][]): Tally {
  const tally = createTally();
  for (const [index, [supplyId, bidderId, amount]] of sales.entries()) {
    const result = resultOf(impOf({ supplyId }), bidOf(bidderId, amount));
    addEvent(tally, eventOf(`auc_${index}`, result), index + 1);
  }
  return tally;
}

const TALLY = tallyOf(['z', 'b', 0.5], ['a', 'a', 0.5], ['m', 'c', 0.9], ['z', 'b', 0.5]);

describe('the supplies of a tally', () => {
  test('are a single one when its id is given, or none when it is unknown', () => {
    expect([...selectSupplies(TALLY, { supplyId: 'm' }).keys()]).toEqual(['m']);
    expect(selectSupplies(TALLY, { supplyId: 'x' }).size).toBe(0);
  });

  test.each([
    [0, 10, ['z', 'a', 'm']],
    [0, 2, ['z', 'a']],
    [1, 1, ['a']],
    [2, 2, ['m']],
    [3, 5, []],
    [9, 5, []],
    [1, 0, []],
  ])(
    'from %p on, at most %p, are %p: in the order of their first auction',
    (offset, limit, ids) => {
      expect([...selectSupplies(TALLY, { offset, limit }).keys()]).toEqual(ids);
    },
  );
});

describe('the totals of a tally', () => {
  test('are the sums, the top bidders and the top supplies, ties by id', () => {
    expect(selectTotals(TALLY, 10)).toEqual({
      auctions: 4,
      revenueMicros: units(2.4),
      topBidders: [
        { id: 'b', totalMicros: units(1), auctions: 2 },
        { id: 'c', totalMicros: units(0.9), auctions: 1 },
        { id: 'a', totalMicros: units(0.5), auctions: 1 },
      ],
      topSupplies: [
        { id: 'z', totalMicros: units(1), auctions: 2 },
        { id: 'm', totalMicros: units(0.9), auctions: 1 },
        { id: 'a', totalMicros: units(0.5), auctions: 1 },
      ],
    });
  });

  test.each([
    [0, []],
    [1, ['b']],
    [2, ['b', 'c']],
  ])('name at most %p: %p', (count, ids) => {
    expect(selectTotals(TALLY, count).topBidders.map(({ id }) => id)).toEqual(ids);
  });

  test('order equal sums by id, whichever came first', () => {
    const tied = tallyOf(['c', 'c', 0.5], ['a', 'a', 0.5], ['b', 'b', 0.5]);
    expect(selectTotals(tied, 2).topSupplies.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('list a supply that earned nothing and no bidder that won nothing', () => {
    const tally = createTally();
    addEvent(tally, eventOf('auc_1', resultOf(impOf(), silenceOf('a', 'no-bid'))), 1);
    expect(selectTotals(tally, 10)).toEqual({
      auctions: 1,
      revenueMicros: ZERO_MICROS,
      topBidders: [],
      topSupplies: [{ id: 'supply1', totalMicros: ZERO_MICROS, auctions: 1 }],
    });
  });
});
