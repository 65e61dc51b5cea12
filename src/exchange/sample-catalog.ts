/**
 * A sample data file to start with: supplies `supply1..`, bidders `bidder1..` and which bidders buy
 * from which supply.
 *
 * The same seed gives the same file. The United States come first and most often, and every supply
 * has three of its bidders (or as many as there are), so that an auction there has rivals.
 */
import type { Random } from '../core/random.ts';
import type { CatalogFile } from './catalog-file.ts';

export const SAMPLE_MOST = 20;
export const SAMPLE_SUPPLIES = 10;
export const SAMPLE_BIDDERS = 12;

const COUNTRIES = ['US', 'GB', 'US', 'DE', 'US', 'FR', 'US', 'CA', 'GB', 'US', 'JP', 'BR'] as const;
const HOME_COUNTRY = 'US';
const HOME_BIDDERS = 3;
/** Bidders per supply, when there are that many. */
const FEWEST_BIDDERS = 5;
const MOST_BIDDERS = 8;

export type SampleSize = { readonly supplies: number; readonly bidders: number };

export function createSampleCatalog(size: SampleSize, random: Random): CatalogFile {
  const bidders = numbered('bidder', size.bidders).map(
    (name, index) => [name, { country: COUNTRIES[index % COUNTRIES.length] ?? null }] as const,
  );
  const home = bidders.filter(([, { country }]) => country === HOME_COUNTRY).map(([name]) => name);
  const all = bidders.map(([name]) => name);
  const supplies = numbered('supply', size.supplies).map(
    (name) => [name, chooseBidders({ home, all }, random)] as const,
  );
  return { supplies: Object.fromEntries(supplies), bidders: Object.fromEntries(bidders) };
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

type Names = { readonly home: readonly string[]; readonly all: readonly string[] };

function chooseBidders({ home, all }: Names, random: Random): string[] {
  const sure = shuffled(home, random).slice(0, HOME_BIDDERS);
  const others = shuffled(
    all.filter((name) => !sure.includes(name)),
    random,
  );
  const chosen = [...sure, ...others].slice(0, random.integer(FEWEST_BIDDERS, MOST_BIDDERS));
  return all.filter((name) => chosen.includes(name));
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const drawn = items.map((item) => ({ item, key: random.next() }));
  return drawn.sort((left, right) => left.key - right.key).map(({ item }) => item);
}
