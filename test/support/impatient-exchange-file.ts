/**
 * The parts of an exchange file whose connection does not wait for a lock: a commit fails at once, and
 * the test alone makes commits, for no timer ever runs.
 */
import { Database } from 'bun:sqlite';
import { openSqlite } from '../../src/driver/sqlite/file/database.ts';
import {
  createSqliteSpool,
  type SqliteSpool,
  type SqliteSpoolParts,
} from '../../src/driver/sqlite/spool/event-spool.ts';
import { createGroupCommit, type GroupCommit } from '../../src/driver/sqlite/spool/group-commit.ts';
import { openExchangeFile } from '../../src/driver/sqlite/spool.ts';
import { createSqliteStats } from '../../src/driver/sqlite/stats.ts';
import type { Stats } from '../../src/exchange/port/stats.ts';
import { createManualTime } from './manual-timers.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const EVERY_MS = 1;

export type ImpatientExchangeFile = Disposable & {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly spool: SqliteSpool;
  readonly stats: Stats;
};

/** @param limit bounds of the spool that are not the usual ones */
export async function openImpatientExchangeFile(
  path: string,
  limit: Pick<SqliteSpoolParts, 'pendingBytes'> = {},
): Promise<ImpatientExchangeFile> {
  const { timers } = createManualTime();
  const onError = () => {};
  await openExchangeFile(path, { maxBytes: MAX_BYTES, timers, onError })[Symbol.asyncDispose]();
  const database = openSqlite(path);
  database.run('PRAGMA busy_timeout = 0');
  const commit = createGroupCommit(database, { everyMs: EVERY_MS, timers, onError });
  const spool = createSqliteSpool({ database, commit, timers, maxBytes: MAX_BYTES, ...limit });
  const stats = createSqliteStats({ database, commit, spool, spoolMaxBytes: MAX_BYTES });
  return {
    database,
    commit,
    spool,
    stats,
    [Symbol.dispose]: () => {
      commit.close();
      database.close();
    },
  };
}

/** Holds the write lock of a file until it is disposed of. */
export function lockFile(path: string): Disposable {
  const database = new Database(path);
  database.run('begin immediate');
  return {
    [Symbol.dispose]: () => {
      database.run('rollback');
      database.close();
    },
  };
}
