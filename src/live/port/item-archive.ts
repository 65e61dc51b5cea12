/**
 * The history of every item, for good.
 *
 * `append` is idempotent by event id, all or nothing, and may get events again and out of order
 * between items. `read` gives an item's events of one epoch by rising `seq`, without those that have
 * not arrived (yet): the caller looks for holes. It is behind the book by the relay's lag. Both reject
 * with `ArchiveUnavailableError` when the store cannot be reached; `append` rejects with
 * `UnusableEventsError` when it took all but events that the store can never take.
 */
import type { ItemEvent } from '../rule/item.ts';

export type HistoryPage = {
  readonly itemId: string;
  /** The newest epoch when null. */
  readonly epoch: string | null;
  readonly afterSeq: number;
  readonly limit: number;
};

export type Archive = AsyncDisposable & {
  append(events: readonly ItemEvent[]): Promise<void>;
  read(page: HistoryPage): Promise<readonly ItemEvent[]>;
};
