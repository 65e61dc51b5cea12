/**
 * SQLite through `bun:sqlite`: opening a database, and its faults apart from those of the program.
 *
 * A committed transaction survives a killed process and a crashed machine (WAL, synchronous FULL).
 * Several processes may open one file; a writer waits up to `BUSY_TIMEOUT_MS` for another, and the
 * event loop waits with it.
 */
import { Database, SQLiteError } from 'bun:sqlite';
import { withFileNamed } from './file-fault.ts';
import { makePrivate } from './private-file.ts';

export const BUSY_TIMEOUT_MS = 5_000;

/**
 * @param path a file in an existing folder, or `:memory:`
 * @throws FileFaultError
 */
export function openSqlite(path: string): Database {
  return withFileNamed(path, () => open(path));
}

function open(path: string): Database {
  if (path !== ':memory:') makePrivate(path);
  const database = new Database(path, { create: true, strict: true });
  // First, because switching to WAL may itself have to wait for another process.
  database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.run('PRAGMA journal_mode = WAL');
  database.run('PRAGMA synchronous = FULL');
  database.run('PRAGMA foreign_keys = ON');
  return database;
}

/** Faults of the file or its disk: they may pass by themselves, those of the program do not. */
const FAULT =
  /^SQLITE_(?:IOERR|FULL|CORRUPT|NOTADB|CANTOPEN|READONLY|BUSY|LOCKED|NOMEM|PROTOCOL)(?:_|$)/;

/** Runs it. @throws what `toError` makes of a fault of the file or its disk; else what `run` threw. */
export function wrapFaults<Result>(run: () => Result, toError: (cause: unknown) => Error): Result {
  try {
    return run();
  } catch (error) {
    throw isFault(error) ? toError(error) : error;
  }
}

function isFault(error: unknown): boolean {
  if (!(error instanceof SQLiteError)) return false;
  // A table that is gone is a fault of the file, which was opened with all of them.
  return FAULT.test(error.code ?? '') || error.message.startsWith('no such table');
}
