/**
 * The file of the live auctions: the item book, its outbox and its index, one connection for all.
 *
 * A file of its own, so that no other write holds up a bid. What the book has answered survives a
 * killed process and a crashed machine. Closing commits what waits. One process at a time.
 */
import type { Clock } from '../../core/clock.ts';
import { createIdMaker } from '../../core/id.ts';
import type { Random } from '../../core/random.ts';
import type { Timers } from '../../core/timer.ts';
import type { ItemBook } from '../../live/port/item-book.ts';
import type { ItemIndex } from '../../live/port/item-index.ts';
import type { Outbox } from '../../live/port/outbox.ts';
import { createBidHistory, HISTORY_TABLES } from './book/bid-history.ts';
import { createSqliteItemBook } from './book/book.ts';
import { createItemRows, ITEM_TABLES } from './book/item-rows.ts';
import { OUTBOX_TABLES } from './book/outbox-batch.ts';
import { SQLITE_LIMIT, type SqliteLimit } from './file/limit.ts';
import { openServedFile } from './file/served-file.ts';
import { createTurnCommit } from './file/turn-commit.ts';
import { createSqliteItemIndex } from './item-index.ts';
import { type BookLineage, BRANCH_TABLES, createBookLineage } from './lineage/book-lineage.ts';
import { LINEAGE_TABLES } from './lineage/follower-lineage.ts';
import { createSqliteOutbox } from './outbox.ts';

export type LiveFile = AsyncDisposable & {
  /** Disposing it closes the file. */
  readonly book: ItemBook;
  readonly outbox: Outbox;
  readonly index: ItemIndex;
  readonly lineage: BookLineage;
  /** Whether what is decided can be kept at present. */
  isWorking(): boolean;
};

export type LiveFileOptions = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limit?: SqliteLimit;
  /** Draws the epochs of new items. */
  readonly random: Random;
};

const TABLES = [
  ...ITEM_TABLES,
  ...HISTORY_TABLES,
  ...OUTBOX_TABLES,
  ...LINEAGE_TABLES,
  ...BRANCH_TABLES,
];

/** @param path a file in an existing folder, or `:memory:` */
export function openLiveFile(path: string, options: LiveFileOptions): LiveFile {
  const { clock, timers, random, limit = SQLITE_LIMIT } = options;
  const file = openServedFile(path, { version: 1, create: TABLES });
  const { database } = file;
  const commit = createTurnCommit(database, timers);
  const outbox = createSqliteOutbox({ database, commit, timers, limit });
  const book = createSqliteItemBook({
    rows: createItemRows(database),
    history: createBidHistory(database),
    outbox,
    commit,
    clock,
    limit,
    nextEpoch: createIdMaker('epoch', clock, random),
  });
  let isOpen = true;

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    commit.close();
    await file.close();
  }

  return {
    book: { ...book, [Symbol.asyncDispose]: close },
    outbox,
    index: createSqliteItemIndex(database, clock),
    lineage: createBookLineage(database),
    isWorking: commit.isWorking,
    [Symbol.asyncDispose]: close,
  };
}
