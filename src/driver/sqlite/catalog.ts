/**
 * The catalogue in a SQLite file: the embedded driver of the `Catalog` port.
 *
 * It has a connection of its own, so a long `load` keeps its snapshot while the rest of the process
 * writes. Opening brings the tables to the newest revision. A `replace` holds the file's one write
 * lock until it is done (100,000 supplies: seconds), so what is written in the serving path belongs
 * in another file.
 */
import { sql, type Transaction } from 'kysely';
import type { Timers } from '../../core/timer.ts';
import type { Catalog } from '../../exchange/port/catalog.ts';
import { createSqlCatalog } from '../sql/catalog.ts';
import { type CatalogMigrator, createCatalogMigrator } from '../sql/table/migrator.ts';
import type { Tables } from '../sql/table/tables.ts';
import { openSqlite } from './file/database.ts';
import { createSqliteKysely } from './file/kysely.ts';

/** @param path a file in an existing folder, or `:memory:` for a catalogue that nobody shares */
export async function openSqliteCatalog(
  path: string,
  { timers }: { readonly timers: Timers },
): Promise<Catalog> {
  const db = createSqliteKysely<Tables>(openSqlite(path));
  try {
    await createCatalogMigrator(db).up();
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return createSqlCatalog(db, { timers, bulkWrite: writeWithoutIndexes });
}

/** The migrator of a SQLite file. Opening changes nothing. */
export function openSqliteMigrator(path: string): CatalogMigrator & AsyncDisposable {
  const db = createSqliteKysely<Tables>(openSqlite(path));
  return { ...createCatalogMigrator(db), [Symbol.asyncDispose]: () => db.destroy() };
}

/**
 * Sets the index of the largest table aside until its rows are written: 100,000 supplies of 12
 * bidders took 1.6 s so, and 8 s with every row sorted into it (2026-11, 2 cores).
 */
async function writeWithoutIndexes(
  db: Transaction<Tables>,
  write: () => Promise<void>,
): Promise<void> {
  const { rows: indexes } = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_master
    where type = 'index' and tbl_name = 'supply_bidder' and sql is not null`.execute(db);
  for (const { name } of indexes) await sql`drop index ${sql.ref(name)}`.execute(db);
  await write();
  for (const index of indexes) await sql.raw(index.sql).execute(db);
}
