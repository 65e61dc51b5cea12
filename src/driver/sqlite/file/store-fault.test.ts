import { expect, test } from 'bun:test';
import { open } from 'node:fs/promises';
import { openFolder } from '../../../../test/support/folder.ts';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { definitionOf } from '../../../../test/support/live-item.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openLiveFileAt } from '../../../../test/support/opened-live-file.ts';
import { ArchiveUnavailableError } from '../../../flow/archive.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { openSqliteArchive } from '../item-archive.ts';
import { createSqliteItemIndex } from '../item-index.ts';
import { openSqlite } from './database.ts';

const PAGE_BYTES = 4096;

/** Writes noise over all pages but the first few, which hold the tables' names. */
async function spoil(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const noise = Buffer.alloc(size - 2 * PAGE_BYTES, 0xa5);
  await file.write(noise, 0, noise.length, 2 * PAGE_BYTES);
}

test('a spoiled archive says that it cannot be used', async () => {
  await using folder = await openFolder();
  const path = folder.path('archive.db');
  {
    await using archive = openSqliteArchive(path);
    await archive.append(eventsOf(1, 2_000));
  }
  await spoil(path);
  await using archive = openSqliteArchive(path);
  const page = { itemId: 'L1', epoch: 'epoch1', afterSeq: 0, limit: 1_000 };
  await expect(archive.read(page)).rejects.toBeInstanceOf(ArchiveUnavailableError);
  await expect(archive.append(eventsOf(1, 2))).rejects.toBeInstanceOf(ArchiveUnavailableError);
});

test('a list of items that cannot be read is told as not decided', async () => {
  await using folder = await openFolder();
  const path = folder.path('live.db');
  const clock = createManualClock();
  {
    await using file = openLiveFileAt(path, clock);
    for (let index = 0; index < 200; index++) {
      await file.book.open(definitionOf({}, { itemId: `L${index}` }));
    }
  }
  await spoil(path);
  using database = openSqlite(path);
  const index = createSqliteItemIndex(database, clock);
  for (const status of [null, 'active', 'scheduled', 'ended'] as const) {
    const page = { status, afterItemId: null, limit: 100 };
    await expect(index.list(page)).rejects.toBeInstanceOf(NotDecidedError);
  }
});
