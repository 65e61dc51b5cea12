import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../core/random.ts';
import { decodeCatalog } from './catalog-file.ts';
import {
  createSampleCatalog,
  SAMPLE_BIDDERS,
  SAMPLE_MOST,
  SAMPLE_SUPPLIES,
} from './sample-catalog.ts';

const DEFAULT_SIZE = { supplies: SAMPLE_SUPPLIES, bidders: SAMPLE_BIDDERS };

describe('a sample catalogue', () => {
  test('of any size and seed is a valid data file', () => {
    const count = fc.integer({ min: 1, max: SAMPLE_MOST });
    fc.assert(
      fc.property(count, count, fc.nat(), (supplies, bidders, seed) => {
        const reading = decodeCatalog(
          createSampleCatalog({ supplies, bidders }, createRandom(seed)),
        );
        expect(reading).toMatchObject({ ok: true });
        if (!reading.ok) return;
        expect(reading.content.supplies).toHaveLength(supplies);
        expect(reading.content.bidders).toHaveLength(bidders);
      }),
    );
  });

  test('of the default size gives every supply three rivals in the United States', () => {
    for (let seed = 0; seed < 100; seed++) {
      const file = createSampleCatalog(DEFAULT_SIZE, createRandom(seed));
      expect(Object.keys(file.supplies)).toContain('supply1');
      for (const entry of Object.values(file.supplies)) {
        const names = Array.isArray(entry) ? entry : entry.bidders;
        const home = names.filter((name) => file.bidders[name]?.country === 'US');
        expect(home.length).toBeGreaterThanOrEqual(3);
      }
    }
  });

  test('of the default size has bidders in several countries, bidder1 first', () => {
    const { bidders } = createSampleCatalog(DEFAULT_SIZE, createRandom(1));
    expect(Object.keys(bidders)[0]).toBe('bidder1');
    expect(new Set(Object.values(bidders).map(({ country }) => country)).size).toBeGreaterThan(4);
  });

  test('is the same for the same seed', () => {
    const make = (seed: number) => createSampleCatalog(DEFAULT_SIZE, createRandom(seed));
    expect(make(7)).toEqual(make(7));
    expect(make(7)).not.toEqual(make(8));
  });
});
