import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom, seededHash } from './random.ts';

const UINT32_MAX = 2 ** 32 - 1;
const anySeed = fc.integer({ min: 0, max: UINT32_MAX });
const DRAWS = 20_000;

function draws(seed: number, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

describe('seeded chance', () => {
  test('draws the same numbers for the same seed', () => {
    fc.assert(fc.property(anySeed, (seed) => expect(draws(seed, 20)).toEqual(draws(seed, 20))));
  });

  test('draws the recorded numbers, so that a recorded seed repeats its run', () => {
    const random = createRandom(42);
    expect([random.seed(), random.seed(), random.integer(1, 100)]).toEqual([
      182_880_509, 3_008_686_201, 88,
    ]);
  });

  test('draws different numbers for a neighbouring seed', () => {
    fc.assert(
      fc.property(anySeed, (seed) => expect(draws(seed, 4)).not.toEqual(draws(seed ^ 1, 4))),
    );
  });

  test('draws in [0, 1), evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const draw of draws(1, DRAWS)) {
      expect(draw >= 0 && draw < 1).toBe(true);
      const tenth = Math.floor(draw * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // Five standard deviations of a binomial count: a fair generator fails once in a million seeds.
    const margin = 5 * Math.sqrt(DRAWS * 0.1 * 0.9);
    for (const count of tenths) expect(Math.abs(count - DRAWS / 10)).toBeLessThan(margin);
  });

  test('draws integers from the low to the high one, both included', () => {
    const random = createRandom(3);
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(-2, 3)));
    expect([...seen].sort((left, right) => left - right)).toEqual([-2, -1, 0, 1, 2, 3]);
    expect(random.integer(5, 5)).toBe(5);
  });

  test('stays in range for every range', () => {
    const anyBound = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 });
    fc.assert(
      fc.property(anySeed, anyBound, anyBound, (seed, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const drawn = createRandom(seed).integer(low, high);
        expect(Number.isSafeInteger(drawn) && drawn >= low && drawn <= high).toBe(true);
      }),
    );
  });

  test('makes seeds that are unsigned 32-bit integers', () => {
    const random = createRandom(9);
    for (let round = 0; round < 1_000; round++) {
      const seed = random.seed();
      expect(Number.isInteger(seed) && seed >= 0 && seed <= UINT32_MAX).toBe(true);
    }
  });
});

describe('the seeded hash', () => {
  test('is an unsigned 32-bit integer that depends on the seed and the text alone', () => {
    fc.assert(
      fc.property(anySeed, fc.string(), (seed, text) => {
        const hash = seededHash(seed, text);
        expect(hash).toBe(seededHash(seed, text));
        expect(Number.isInteger(hash) && hash >= 0 && hash <= UINT32_MAX).toBe(true);
      }),
    );
  });

  test('prefers neither of two texts over all seeds', () => {
    let first = 0;
    for (let seed = 0; seed < DRAWS; seed++) {
      if (seededHash(seed, 'bidder1') < seededHash(seed, 'bidder2')) first++;
    }
    expect(Math.abs(first / DRAWS - 0.5)).toBeLessThan(0.02);
  });
});
