import { expect, test } from 'bun:test';
import { openFolder } from '../../../test/support/folder.ts';
import { eventsOf } from '../../../test/support/live-event.ts';
import { spoilFile } from '../../../test/support/spoiled-file.ts';
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import { archiveContract } from '../../live/port/item-archive.contract.ts';
import { openSqliteArchive } from './item-archive.ts';

archiveContract('the SQLite archive', async () => openSqliteArchive(':memory:'));

test('a spoiled archive says that it cannot be used', async () => {
  await using folder = await openFolder();
  const path = folder.path('archive.db');
  {
    await using archive = openSqliteArchive(path);
    await archive.append(eventsOf(1, 2_000));
  }
  await spoilFile(path);
  await using archive = openSqliteArchive(path);
  const page = { itemId: 'L1', epoch: 'epoch1', afterSeq: 0, limit: 1_000 };
  await expect(archive.read(page)).rejects.toBeInstanceOf(ArchiveUnavailableError);
  await expect(archive.append(eventsOf(1, 2))).rejects.toBeInstanceOf(ArchiveUnavailableError);
});
