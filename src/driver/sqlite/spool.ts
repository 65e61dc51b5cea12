/**
 * The exchange's own file: its spool and its statistics, one group commit for both.
 *
 * A file of its own, so that no long write of the catalogue holds up a commit. Opening creates the
 * tables, reads the counters and catches up with the events after their checkpoint. Closing flushes.
 */
import type { Timers } from '../../core/timer.ts';
import { SPOOL_COMMIT_MS, type Spool } from '../../exchange/port/spool.ts';
import type { Stats } from '../../exchange/port/stats.ts';
import { openServedFile } from './file/served-file.ts';
import { createSqliteSpool } from './spool/event-spool.ts';
import { createGroupCommit } from './spool/group-commit.ts';
import { createSqliteStats } from './stats.ts';

const TABLES = [
  `create table if not exists spool_batch (
    first_position integer primary key,
    last_position integer not null,
    least_id text not null,
    greatest_id text not null,
    bytes integer not null,
    ids text not null,
    names text not null,
    numbers blob not null
  )`,
  'create index if not exists spool_batch_id on spool_batch (least_id, greatest_id)',
  `create table if not exists spool_cursor (
    name text primary key,
    position integer not null
  )`,
  `create table if not exists stats_counter (
    kind text not null,
    id text not null,
    position integer not null,
    body text not null,
    primary key (kind, id)
  )`,
];

export type ExchangeFile = AsyncDisposable & {
  readonly spool: Spool;
  readonly stats: Stats;
  /** Events that were not kept because SQLite did not keep up. */
  droppedEvents(): number;
  /** Whether auctions can be kept at present. */
  isWorking(): boolean;
};

export type ExchangeFileOptions = {
  /** How much of past auctions is kept, in bytes. */
  readonly maxBytes: number;
  /** Told of a commit that failed; it is tried again. */
  readonly onError: (error: unknown) => void;
  readonly timers: Timers;
};

/** @param path a file in an existing folder, or `:memory:` */
export function openExchangeFile(
  path: string,
  { maxBytes, onError, timers }: ExchangeFileOptions,
): ExchangeFile {
  const file = openServedFile(path, { version: 1, create: TABLES });
  const { database } = file;
  // Half the promise: the other half is for a loop that is late.
  const everyMs = SPOOL_COMMIT_MS / 2;
  const commit = createGroupCommit(database, { everyMs, timers, onError });
  const spool = createSqliteSpool({ database, commit, timers, maxBytes });
  const stats = createSqliteStats({ database, commit, spool, spoolMaxBytes: maxBytes });

  return {
    spool,
    stats,
    droppedEvents: () => spool.droppedEvents(),
    isWorking: commit.isWorking,
    [Symbol.asyncDispose]: async () => {
      try {
        await stats.flush();
      } finally {
        commit.close();
        await file.close();
      }
    },
  };
}
