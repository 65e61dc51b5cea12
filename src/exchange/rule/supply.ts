/** The values of a catalogue: supplies to sell and the bidders that may buy. */
import type { Micros } from '../../core/money.ts';

export const AUCTION_TYPES = ['first-price', 'second-price'] as const;
export type AuctionType = (typeof AUCTION_TYPES)[number];

/**
 * A publisher's supply. `floorMicros` is the least price, `incrementMicros` is for second price.
 */
export type Supply = {
  readonly id: string;
  readonly floorMicros: Micros;
  readonly auctionType: AuctionType;
  readonly incrementMicros: Micros;
  readonly bidderIds: readonly string[];
};

/**
 * A bidder (DSP, ad network). `country` is the one it targets (ISO 3166-1 alpha-2), null for all.
 */
export type Bidder = {
  readonly id: string;
  readonly country: string | null;
};

/**
 * The content of a catalogue. Ids are unique; each id of `bidderIds` is in `bidders` exactly once.
 */
export type CatalogContent = {
  readonly supplies: readonly Supply[];
  readonly bidders: readonly Bidder[];
};

/** One whole version of the catalogue. */
export type CatalogVersion = CatalogContent & { readonly version: number };

/** The catalogue in force before the first was loaded. */
export const EMPTY_CATALOG: CatalogVersion = { version: 0, supplies: [], bidders: [] };
