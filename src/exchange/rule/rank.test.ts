import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { anyAnswers, anyTerms, bidOf } from '../../../test/support/auction.ts';
import { seededHash } from '../../core/random.ts';
import { beats } from './rank.ts';

const SEED = 7;

describe('of two bids', () => {
  test('the higher price goes first, however late', () => {
    expect(beats(bidOf('a', 0.84, 190), bidOf('b', 0.83, 1), SEED)).toBe(true);
    expect(beats(bidOf('b', 0.83, 1), bidOf('a', 0.84, 190), SEED)).toBe(false);
  });

  test('the earlier goes first at the same price', () => {
    expect(beats(bidOf('b', 0.83, 9), bidOf('a', 0.83, 10), SEED)).toBe(true);
    expect(beats(bidOf('a', 0.83, 10), bidOf('b', 0.83, 9), SEED)).toBe(false);
  });

  test('the seed chooses at the same price and time, now one and now the other', () => {
    const [left, right] = [bidOf('a', 0.83), bidOf('b', 0.83)];
    const chosen = Array.from({ length: 100 }, (_, seed) => beats(left, right, seed));
    expect(chosen).toEqual(Array.from({ length: 100 }, (_, seed) => beats(left, right, seed)));
    const firsts = chosen.filter(Boolean).length;
    expect(firsts).toBeGreaterThan(20);
    expect(firsts).toBeLessThan(80);
  });

  test('the choice of a seed never changes: stored auctions replay as they were decided', () => {
    const [left, right] = [bidOf('a', 0.83), bidOf('b', 0.83)];
    const chosen = [1, 2, 3, 4, 5, 6].map((seed) => beats(left, right, seed));
    expect(chosen).toEqual([true, false, false, true, false, true]);
  });

  test('the lesser id goes first when the seed cannot choose: equal hashes', () => {
    const [lesser, greater] = ['bidder162789', 'bidder379192'] as const;
    expect(seededHash(SEED, lesser)).toBe(seededHash(SEED, greater));
    expect(beats(bidOf(lesser, 0.83), bidOf(greater, 0.83), SEED)).toBe(true);
    expect(beats(bidOf(greater, 0.83), bidOf(lesser, 0.83), SEED)).toBe(false);
  });
});

test('the order is total: one of two bidders goes first, without cycles', () => {
  fc.assert(
    fc.property(anyAnswers, anyTerms, (answers, { seed }) => {
      const ranked = answers.toSorted((left, right) => (beats(left, right, seed) ? -1 : 1));
      for (const [index, left] of ranked.entries()) {
        expect(beats(left, left, seed)).toBe(false);
        for (const right of ranked.slice(index + 1)) {
          expect(beats(left, right, seed)).toBe(true);
          expect(beats(right, left, seed)).toBe(false);
        }
      }
    }),
  );
});
