import { expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSpooledAuction } from '../spool/event-spool.ts';
import { openSqlite } from './database.ts';

test('a file that cannot be taken is named with the reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-fault-'));
  const garbage = join(folder, 'garbage.db');
  await writeFile(garbage, 'this is no database, whatever its name says');
  const noDatabase = `cannot open ${garbage}: file is not a database`;
  expect(() => openSqlite(garbage)).toThrow(noDatabase);
  expect(() => readSpooledAuction(garbage, 'auc_1')).toThrow(noDatabase);
  expect(() => openSqlite(folder)).toThrow(`cannot open ${folder}: unable to open database file`);
  await rm(folder, { recursive: true });
});
