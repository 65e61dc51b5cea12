/**
 * The base of both archives in PostgreSQL: a pool for appends, and pools for reads.
 *
 * Reads go to the replica when there is one, and to the primary when the replica fails. A replica
 * that is known to be too far behind is never read from. Until that is known, a read may be a few
 * seconds behind an earlier one. Any failure except one of the data itself is reported as
 * `ArchiveUnavailableError`, with its cause, within about five seconds.
 */
import type { Transaction } from 'kysely';
import { DatabaseError } from 'pg';
import { ArchiveUnavailableError } from '../../../flow/archive.ts';
import { openPostgres, type PostgresDatabase, type PostgresTime } from '../line/database.ts';
import { logPositionOf, type ReplicaWatch, watchReplica } from '../line/replica-watch.ts';
import { readersOf } from './reader-choice.ts';

export type ArchivePlace = {
  readonly url: string;
  /** The URL of a replica; empty for none. */
  readonly replicaUrl: string;
};

/** The archives write their own SQL: Kysely knows none of their tables. */
export type ArchiveTransaction = Transaction<unknown>;

export type ArchiveDatabase = AsyncDisposable & {
  write<Result>(run: (transaction: ArchiveTransaction) => Promise<Result>): Promise<Result>;
  read<Result>(run: (transaction: ArchiveTransaction) => Promise<Result>): Promise<Result>;
  /** Whether the primary answers. */
  isUp(): boolean;
  /** Whether the replica answers and is not too far behind; true when there is none. */
  isReplicaUp(): boolean;
};

/** For two archivers of a node, and the creation of a month. */
const WRITE = { connections: 4, statementTimeoutMs: 4_000 };
/** A person waits for a read. */
const READ = { connections: 4, statementTimeoutMs: 2_000 };

export function openArchiveDatabase(
  { url, replicaUrl }: ArchivePlace,
  time: PostgresTime,
): ArchiveDatabase {
  const writer = openPostgres<unknown>(url, { ...WRITE, ...time });
  const primary = openPostgres<unknown>(url, { ...READ, ...time });
  const replica = replicaUrl === '' ? undefined : openReplica(replicaUrl, { primary, ...time });

  async function read<Result>(
    run: (transaction: ArchiveTransaction) => Promise<Result>,
  ): Promise<Result> {
    let failure: unknown;
    for (const reader of readersOf<Database>(primary, replica)) {
      try {
        return await reader.db.transaction().setAccessMode('read only').execute(run);
      } catch (error) {
        failure = error;
      }
    }
    throw unavailable(failure);
  }

  return {
    read,
    write: async (run) => {
      try {
        return await writer.db.transaction().execute(run);
      } catch (error) {
        throw unavailable(error);
      }
    },
    isUp: writer.isUp,
    isReplicaUp: () => replica === undefined || (replica.isUp() && replica.freshness() === 'fresh'),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([writer, primary, replica].map((one) => one?.[Symbol.asyncDispose]()));
    },
  };
}

type Database = PostgresDatabase<unknown>;
type Replica = Database & Pick<ReplicaWatch, 'freshness'>;

type ReplicaParts = PostgresTime & { readonly primary: Database };

function openReplica(url: string, { primary, clock, timers }: ReplicaParts): Replica {
  const replica = openPostgres<unknown>(url, { ...READ, clock, timers });
  const watch = watchReplica({
    clock,
    timers,
    primaryPosition: () => logPositionOf(primary.db),
    replicaPosition: () => logPositionOf(replica.db),
  });
  return {
    ...replica,
    freshness: watch.freshness,
    [Symbol.asyncDispose]: () => {
      watch.stop();
      return replica[Symbol.asyncDispose]();
    },
  };
}

const NO_PARTITION = '23514';

/**
 * Whether the values were refused and always will be: by PostgreSQL (SQLSTATE classes 22 and 23,
 * and 54, its limits), or because they are nested too deep to be written as JSON.
 */
export function isDataFault(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof RangeError || (/^(?:2[23]|54)/.test(code) && code !== NO_PARTITION);
}

/** Whether a write failed for lack of a partition for a row's time. */
export function isMonthMissing(error: unknown): boolean {
  return error instanceof ArchiveUnavailableError && codeOf(error.cause) === NO_PARTITION;
}

function codeOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? '') : '';
}

function unavailable(cause: unknown): ArchiveUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ArchiveUnavailableError(`PostgreSQL does not serve the archive: ${reason}`, { cause });
}
