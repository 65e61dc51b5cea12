/** What a copy of the book tells about itself, and what it needs before it serves again. */
import { Database } from 'bun:sqlite';
import { openSqlite } from '../file/database.ts';
import { BRANCH_TABLES, createBookLineage } from '../lineage/book-lineage.ts';
import { LINEAGE_TABLES, lineageRow } from '../lineage/follower-lineage.ts';

/** The lineage of a book's file, which is left as it is; null when it has none yet. */
export function lineageOfBook(path: string): string | null {
  using database = new Database(path, { readonly: true, strict: true });
  const has = database.query(`select 1 from sqlite_schema where name = 'lineage'`).get() !== null;
  return has ? lineageRow(database).id() : null;
}

/**
 * Puts every item of the file into a new epoch: what was decided after the backup may have been seen, so
 * that nobody may take the history from here on for a continuation of it.
 */
export function beginEpochOfBook(path: string, epoch: string): void {
  using database = openSqlite(path);
  for (const statement of [...LINEAGE_TABLES, ...BRANCH_TABLES]) database.run(statement);
  createBookLineage(database).beginEpoch(epoch);
}
