import { expect, test } from 'bun:test';
import { openFolder } from '../../../test/support/folder.ts';
import { definitionOf } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { openLiveFileAt } from '../../../test/support/opened-live-file.ts';
import { spoilFile } from '../../../test/support/spoiled-file.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import { itemIndexContract } from '../../live/port/item-index.contract.ts';
import { openSqlite } from './file/database.ts';
import { createSqliteItemIndex } from './item-index.ts';

itemIndexContract('the SQLite item index', async (clock) => openLiveFileAt(':memory:', clock));

test('a list of items that cannot be read rejects as not decided', async () => {
  await using folder = await openFolder();
  const path = folder.path('live.db');
  const clock = createManualClock();
  {
    await using file = openLiveFileAt(path, clock);
    for (let index = 0; index < 200; index++) {
      await file.book.open(definitionOf({}, { itemId: `L${index}` }));
    }
  }
  await spoilFile(path);
  using database = openSqlite(path);
  const index = createSqliteItemIndex(database, clock);
  for (const status of [null, 'active', 'scheduled', 'ended'] as const) {
    const page = { status, afterItemId: null, limit: 100 };
    await expect(index.list(page)).rejects.toBeInstanceOf(NotDecidedError);
  }
});
