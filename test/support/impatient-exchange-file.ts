/** The parts of an exchange file whose connection does not wait for a lock: a commit fails at once. */
import { Database } from 'bun:sqlite';
import { systemTimers } from '../../src/core/timer.ts';
import { openSqlite } from '../../src/driver/sqlite/file/database.ts';
import { createSqliteSpool, type SqliteSpool } from '../../src/driver/sqlite/spool/event-spool.ts';
import { createGroupCommit, type GroupCommit } from '../../src/driver/sqlite/spool/group-commit.ts';
import { openExchangeFile } from '../../src/driver/sqlite/spool.ts';
import { createSqliteStats } from '../../src/driver/sqlite/stats.ts';
import type { Stats } from '../../src/exchange/port/stats.ts';

const MAX_BYTES = 64 * 1024 * 1024;
/** An hour: commits are made by the test alone. */
const NEVER_MS = 3_600_000;

export type ImpatientExchangeFile = Disposable & {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly spool: SqliteSpool;
  readonly stats: Stats;
};

export async function openImpatientExchangeFile(path: string): Promise<ImpatientExchangeFile> {
  await openExchangeFile(path, {
    maxBytes: MAX_BYTES,
    timers: systemTimers,
    onError: () => {},
  })[Symbol.asyncDispose]();
  const database = openSqlite(path);
  database.run('PRAGMA busy_timeout = 0');
  const commit = createGroupCommit(database, {
    everyMs: NEVER_MS,
    timers: systemTimers,
    onError: () => {},
  });
  const spool = createSqliteSpool({ database, commit, timers: systemTimers, maxBytes: MAX_BYTES });
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
