/**
 * The store of supplies and bidders.
 *
 * A reader sees a whole version, never half of one: `load` makes one consistent read, and `replace`
 * swaps all or nothing. The version number rises by one with each `replace` and is never reused.
 * `watch` calls its listener within `CATALOG_WATCH_MS` of a new version, plus the time to load it,
 * also when another process replaced it. Supplies, bidders and the bidders of a supply keep their
 * order.
 *
 * Not promised: that every version is seen. A slow watcher sees only the newest.
 */
import type { CatalogContent, CatalogVersion } from '../rule/supply.ts';

/** The longest time until a watcher sees a new version. */
export const CATALOG_WATCH_MS = 1_000;

export type Catalog = AsyncDisposable & {
  /** The newest version; version 0 is the empty catalogue before the first `replace`. */
  load(): Promise<CatalogVersion>;
  /** Replaces the whole catalogue. @returns the number of the new version. */
  replace(next: CatalogContent): Promise<number>;
  /** Stores version 1 unless there is a version. @returns whether it did. */
  begin(first: CatalogContent): Promise<boolean>;
  /**
   * Reports the newest version whenever it differs from the last one reported, at first from
   * `knownVersion`, so that none is missed between `load` and `watch`. A failed read is retried,
   * not reported.
   * @returns a function that ends the watch.
   */
  watch(knownVersion: number, listener: (version: CatalogVersion) => void): () => void;
  /** False from a look of a watch that failed, also because tables are gone, until one succeeds. */
  isWorking(): boolean;
};
