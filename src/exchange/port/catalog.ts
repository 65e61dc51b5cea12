/**
 * Where supplies and bidders are kept.
 *
 * A reader sees a whole version, never half of one: `load` answers from one consistent read, and
 * `replace` swaps all or nothing. A version number rises by one with each `replace` and is never
 * used again. `watch` calls its listener within `CATALOG_WATCH_MS` of a new version, and the time to
 * load it, also when another process replaced it. Supplies, bidders and the bidders of a supply keep
 * the order they were given in.
 *
 * Not promised: that every version is seen. A watcher that is slow sees the newest only.
 */
import type { CatalogContent, CatalogVersion } from '../rule/supply.ts';

/** The longest that a new version may stay unseen by a watcher. */
export const CATALOG_WATCH_MS = 1_000;

export type Catalog = AsyncDisposable & {
  /** The newest version; version 0 is the empty catalogue before the first `replace`. */
  load(): Promise<CatalogVersion>;
  /** Replaces the whole catalogue and answers the new version's number. */
  replace(next: CatalogContent): Promise<number>;
  /** Makes it version 1, unless it was replaced before; answers whether it did. */
  begin(first: CatalogContent): Promise<boolean>;
  /**
   * Tells of the newest version whenever it is another than the caller has: `knownVersion` at first,
   * so that none slips through between its `load` and its `watch`. A failed read is retried, not
   * reported.
   * @returns a function that ends the watch.
   */
  watch(knownVersion: number, listener: (version: CatalogVersion) => void): () => void;
  /** False from a look of a watch that failed, also because tables are gone, until one succeeds. */
  isWorking(): boolean;
};
