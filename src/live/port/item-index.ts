/**
 * Finding items without knowing their ids: for the list and for the closer.
 *
 * `list` gives states by rising item id, of one status at this moment or of all. `due` gives
 * ids of items whose end has come and that have no close event yet, the longest overdue first. Both
 * read what the book has committed, and reject with `NotDecidedError` when that cannot be read. A list
 * is whole or rejects. Where the items lie in several stores, `due` and `nextDueMs` report those that
 * can be read, and reject only when none can: one lost store does not keep the others' items open.
 */
import type { ItemState, ItemStatus } from '../rule/item.ts';

export type ItemListPage = {
  readonly status: ItemStatus | null;
  /** Ids after this one; the first page when null. */
  readonly afterItemId: string | null;
  readonly limit: number;
};

export type ItemIndex = {
  list(page: ItemListPage): Promise<readonly ItemState[]>;
  due(nowMs: number, limit: number): Promise<readonly string[]>;
  /** When the next item is due; null when none has an end. */
  nextDueMs(): Promise<number | null>;
};
