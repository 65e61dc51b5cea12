/**
 * A SQLite file in the serving path: its checkpoints are made on a thread of their own.
 *
 * The file carries the version of its tables; a newer one than this program knows is refused.
 */
import type { Database } from 'bun:sqlite';
import { present } from '../../../core/assert.ts';
import { startCheckpointer } from './checkpointer.ts';
import { openSqlite } from './database.ts';

/** Pages of the log after which a writer checkpoints itself: the thread has failed by then. */
const OWN_CHECKPOINT_PAGES = 65_536;

export type ServedFile = { readonly database: Database; close(): Promise<void> };

export type ServedTables = { readonly version: number; readonly create: readonly string[] };

/** @param path a file in an existing folder, or `:memory:` */
export function openServedFile(path: string, tables: ServedTables): ServedFile {
  const database = openSqlite(path);
  try {
    createTables(database, tables);
  } catch (error) {
    database.close();
    throw error;
  }
  const checkpointer = path === ':memory:' ? undefined : startCheckpointer(path);
  if (checkpointer !== undefined) {
    database.run(`PRAGMA wal_autocheckpoint = ${OWN_CHECKPOINT_PAGES}`);
  }
  return {
    database,
    close: async () => {
      await checkpointer?.stop();
      database.close();
    },
  };
}

function createTables(database: Database, { version, create: statements }: ServedTables): void {
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  const foundVersion = present(row, 'the version of the file').user_version;
  if (foundVersion > version) {
    throw new Error(`the file has version ${foundVersion}, this program knows ${version}`);
  }
  const create = database.transaction(() => {
    for (const statement of statements) database.run(statement);
    database.run(`PRAGMA user_version = ${version}`);
  });
  // The write lock first: one who reads and then writes is refused when another wrote in between.
  create.immediate();
}
