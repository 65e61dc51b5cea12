import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { units } from '../../../test/support/auction.ts';
import { createCatalogIndex } from './eligible.ts';
import { type CatalogVersion, EMPTY_CATALOG, type Supply } from './supply.ts';

function supplyOf(id: string, ...bidderIds: string[]): Supply {
  const terms = { floorMicros: units(0.1), auctionType: 'first-price', incrementMicros: units(0) };
  return { id, bidderIds, ...terms } as Supply;
}

const CATALOG: CatalogVersion = {
  version: 3,
  supplies: [
    supplyOf('supply2', 'us', 'all', 'de', 'us2'),
    supplyOf('supply1', 'de'),
    supplyOf('empty'),
  ],
  bidders: [
    { id: 'all', country: null },
    { id: 'de', country: 'DE' },
    { id: 'us', country: 'US' },
    { id: 'us2', country: 'US' },
    { id: 'elsewhere', country: 'US' },
  ],
};

function eligibleIds(supplyId: string, country: string | null): string[] | undefined {
  const index = createCatalogIndex(CATALOG);
  const supply = index.supply(supplyId);
  return supply && index.eligible(supply, country).map(({ id }) => id);
}

describe('the bidders of a supply', () => {
  test('are eligible for the country that they target, in the order of the supply', () => {
    expect(eligibleIds('supply2', 'US')).toEqual(['us', 'all', 'us2']);
    expect(eligibleIds('supply2', 'DE')).toEqual(['all', 'de']);
  });

  test('that target every country are eligible for a country that no bidder targets', () => {
    expect(eligibleIds('supply2', 'FR')).toEqual(['all']);
  });

  test('that target every country are the only ones for an unknown country', () => {
    expect(eligibleIds('supply2', null)).toEqual(['all']);
    expect(eligibleIds('supply1', null)).toEqual([]);
  });

  test('may all target other countries, or not exist at all', () => {
    expect(eligibleIds('supply1', 'US')).toEqual([]);
    expect(eligibleIds('empty', 'US')).toEqual([]);
  });

  test('are cached: the next auction gets the same list', () => {
    const index = createCatalogIndex(CATALOG);
    const supply = index.supply('supply2') ?? supplyOf('missing');
    expect(index.eligible(supply, 'US')).toBe(index.eligible(supply, 'US'));
  });
});

describe('a catalogue', () => {
  test('lists its supplies in its own order and knows no other', () => {
    const index = createCatalogIndex(CATALOG);
    expect(index.version).toBe(3);
    expect(index.supplyIds).toEqual(['supply2', 'supply1', 'empty']);
    expect(index.supply('supply3')).toBeUndefined();
    expect(index.supply('__proto__')).toBeUndefined();
  });

  test('is empty before the first was loaded', () => {
    const index = createCatalogIndex(EMPTY_CATALOG);
    expect([index.version, index.supplyIds]).toEqual([0, []]);
  });
});

test('the eligible bidders are those that a plain filter finds, for any catalogue', () => {
  const anyCountry = fc.option(fc.constantFrom('US', 'DE', 'FR'), { nil: null });
  const anyCountries = fc.array(anyCountry, { maxLength: 8 });
  fc.assert(
    fc.property(anyCountries, anyCountry, (countries, country) => {
      const bidders = countries.map((one, index) => ({ id: `bidder${index}`, country: one }));
      const supply = supplyOf('supply1', ...bidders.map(({ id }) => id));
      const index = createCatalogIndex({ version: 1, supplies: [supply], bidders });
      const expected = bidders.filter((one) => one.country === null || one.country === country);
      expect(index.eligible(supply, country)).toEqual(expected);
    }),
  );
});
