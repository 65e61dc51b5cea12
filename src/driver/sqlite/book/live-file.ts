/**
 * The file of the live auctions: the item book, its outbox and its index, one connection for all.
 *
 * A file of its own, so that no other write holds up a bid. What the book has answered survives a
 * killed process and a crashed machine. Closing commits what waits. One process at a time.
 */
import type { Clock } from '../../../core/clock.ts';
import { createIdMaker } from '../../../core/id.ts';
import type { Random } from '../../../core/random.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { ItemIndex } from '../../../live/port/item-index.ts';
import type { Outbox } from '../../../live/port/outbox.ts';
import { openServedFile } from '../file/served-file.ts';
import { createTurnCommit } from '../file/turn-commit.ts';
import { createSqliteItemBook } from '../item-book.ts';
import { createSqliteItemIndex } from '../item-index.ts';
import { createSqliteOutbox } from '../outbox.ts';
import { createItemRows, ITEM_TABLES } from './item-rows.ts';
import { OUTBOX_TABLES } from './outbox-batch.ts';

export type LiveFile = AsyncDisposable & {
  /** Disposing it closes the file. */
  readonly book: ItemBook;
  readonly outbox: Outbox;
  readonly index: ItemIndex;
};

export type LiveFileOptions = {
  readonly clock: Clock;
  /** Draws the epochs of new items. */
  readonly random: Random;
};

/** @param path a file in an existing folder, or `:memory:` */
export function openLiveFile(path: string, { clock, random }: LiveFileOptions): LiveFile {
  const file = openServedFile(path, { version: 1, create: [...ITEM_TABLES, ...OUTBOX_TABLES] });
  const commit = createTurnCommit(file.database);
  const outbox = createSqliteOutbox(file.database, commit);
  const book = createSqliteItemBook({
    rows: createItemRows(file.database),
    outbox,
    commit,
    clock,
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
    index: createSqliteItemIndex(file.database, clock),
    [Symbol.asyncDispose]: close,
  };
}
