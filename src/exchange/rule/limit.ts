/** The bounds of the exchange: on an auction, a list, a map and a data file. */

/** Ids that a tally counts separately: new ones beyond this count in the totals alone. */
export type TallyBounds = {
  readonly supplies: number;
  readonly bidders: number;
  readonly biddersPerSupply: number;
  /** Bidders of all supplies together. */
  readonly counters: number;
};

export type CatalogBounds = {
  readonly supplies: number;
  readonly bidders: number;
  readonly biddersPerSupply: number;
  /** Faults that are listed; further ones are only counted. */
  readonly faults: number;
};

const TALLY: TallyBounds = {
  supplies: 1_000_000,
  bidders: 1_000_000,
  biddersPerSupply: 1_000,
  counters: 3_000_000,
};

const CATALOG: CatalogBounds = {
  supplies: 1_000_000,
  bidders: 100_000,
  biddersPerSupply: 1_000,
  faults: 100,
};

export const EXCHANGE_LIMIT = {
  tmaxMs: 10_000,
  defaultTmaxMs: 200,
  /** Bidders, and supplies, that one batch request may name. */
  biddersPerAuction: 100,
  suppliesPerAuction: 100,
  /** Supplies in one answer of `GET /stat`. */
  statsPage: 1_000,
  /** Bidders, and supplies, that the totals list. */
  topList: 10,
  tally: TALLY,
  catalog: CATALOG,
} as const;
