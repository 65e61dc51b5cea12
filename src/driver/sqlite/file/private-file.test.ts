import { expect, test } from 'bun:test';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { openFolder } from '../../../../test/support/folder.ts';
import { openSqlite } from './database.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a file and what SQLite puts beside it are for the owner alone', async () => {
  await using folder = await openFolder();
  using database = openSqlite(folder.path('live.db'));
  database.run('create table one (id integer)');
  const names = readdirSync(folder.path('.')).sort();
  expect(names).toEqual(['live.db', 'live.db-shm', 'live.db-wal']);
  expect(names.map((name) => modeOf(folder.path(name)))).toEqual(['600', '600', '600']);
});

test('a file that others could read is shut to them', async () => {
  await using folder = await openFolder();
  for (const name of ['live.db', 'live.db-wal']) {
    writeFileSync(folder.path(name), '');
    chmodSync(folder.path(name), 0o644);
  }
  using database = openSqlite(folder.path('live.db'));
  database.run('create table one (id integer)');
  expect(modeOf(folder.path('live.db'))).toBe('600');
  expect(modeOf(folder.path('live.db-wal'))).toBe('600');
});
