/**
 * The eligible bidders for a supply's impression: the supply's bidders that target the user's
 * country, and those that target every country. An unknown country matches the latter only.
 *
 * An index caches its results, so each supply and country is filtered once per catalogue version.
 */
import type { Bidder, CatalogVersion, Supply } from './supply.ts';

export type CatalogIndex = {
  readonly version: number;
  readonly supplyIds: readonly string[];
  supply(supplyId: string): Supply | undefined;
  /** In the supply's own order; empty when no bidder is eligible. */
  eligible(supply: Supply, country: string | null): readonly Bidder[];
};

/**
 * A supply's eligible bidders by country; null is the key of all countries that no bidder targets.
 */
type ByCountry = ReadonlyMap<string | null, readonly Bidder[]>;

export function createCatalogIndex(catalog: CatalogVersion): CatalogIndex {
  const supplies = new Map(catalog.supplies.map((supply) => [supply.id, supply]));
  const bidders = new Map(catalog.bidders.map((bidder) => [bidder.id, bidder]));
  const remembered = new Map<Supply, ByCountry>();

  function table(supply: Supply): ByCountry {
    const own = supply.bidderIds.flatMap((id) => bidders.get(id) ?? []);
    const countries = new Set([null, ...own.map((bidder) => bidder.country)]);
    const targets = (country: string | null) => (bidder: Bidder) =>
      bidder.country === null || bidder.country === country;
    return new Map(
      Array.from(countries, (country) => [country, own.filter(targets(country))] as const),
    );
  }

  function eligible(supply: Supply, country: string | null): readonly Bidder[] {
    let byCountry = remembered.get(supply);
    if (byCountry === undefined) {
      byCountry = table(supply);
      remembered.set(supply, byCountry);
    }
    return byCountry.get(country) ?? byCountry.get(null) ?? [];
  }

  return {
    version: catalog.version,
    supplyIds: catalog.supplies.map((supply) => supply.id),
    supply: (supplyId) => supplies.get(supplyId),
    eligible,
  };
}
