import { expect, test } from 'bun:test';
import { openFolder } from '../../../../test/support/folder.ts';
import { openServedFile } from './served-file.ts';

const CREATE = ['create table if not exists kept (one integer)'];

test('a file of an older program is opened, one of a newer program is refused', async () => {
  await using folder = await openFolder();
  const path = folder.path('served.db');
  for (const version of [1, 2, 2]) await openServedFile(path, { version, create: CREATE }).close();
  expect(() => openServedFile(path, { version: 1, create: CREATE })).toThrow(
    'the file has version 2, this program knows 1',
  );
  await openServedFile(path, { version: 2, create: CREATE }).close();
});

test('a commit waits until the disk has it', async () => {
  await using folder = await openFolder();
  const file = openServedFile(folder.path('served.db'), { version: 1, create: CREATE });
  const read = (name: string) => Object.values(file.database.query(`PRAGMA ${name}`).get() ?? {});
  // 2 is FULL: the log is synchronised by every commit.
  expect(read('synchronous')).toEqual([2]);
  expect(read('journal_mode')).toEqual(['wal']);
  await file.close();
});
