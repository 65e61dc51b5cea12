/**
 * What both archives in PostgreSQL share: a pool that appends, and pools that answer reads.
 *
 * Reads go to the replica when there is one, and to the primary when the replica fails. A replica that
 * is behind answers with what it has: both ports allow that. Whatever stops a call but the data itself
 * is told as `ArchiveUnavailableError`, with its cause.
 */
import type { Transaction } from 'kysely';
import { DatabaseError } from 'pg';
import { ArchiveUnavailableError } from '../../port/archive.ts';
import { openPostgres, type PostgresDatabase } from './database.ts';

export type ArchivePlace = {
  readonly url: string;
  /** Of a server that follows the other; the same when empty. */
  readonly replicaUrl: string;
};

/** The archives are asked in SQL of their own: Kysely knows none of their tables. */
export type ArchiveTransaction = Transaction<unknown>;

export type ArchiveDatabase = AsyncDisposable & {
  write<Result>(run: (transaction: ArchiveTransaction) => Promise<Result>): Promise<Result>;
  read<Result>(run: (transaction: ArchiveTransaction) => Promise<Result>): Promise<Result>;
  /** Whether the primary answers. */
  isUp(): boolean;
};

/** Two archivers of a node, and a month that is made. */
const WRITE = { connections: 4, statementTimeoutMs: 30_000 };
/** A person waits for a read. */
const READ = { connections: 4, statementTimeoutMs: 2_000 };

export function openArchiveDatabase({ url, replicaUrl }: ArchivePlace): ArchiveDatabase {
  const writer = openPostgres<unknown>(url, WRITE);
  const urls = replicaUrl === '' ? [url] : [replicaUrl, url];
  const readers = urls.map((one) => openPostgres<unknown>(one, READ));

  async function read<Result>(
    run: (transaction: ArchiveTransaction) => Promise<Result>,
  ): Promise<Result> {
    let failure: unknown;
    for (const reader of upFirst(readers)) {
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
    [Symbol.asyncDispose]: async () => {
      await Promise.all([writer, ...readers].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

/** In their order, but those known to be down last: they would only cost the caller time. */
function upFirst(readers: readonly PostgresDatabase<unknown>[]): PostgresDatabase<unknown>[] {
  return readers.toSorted((left, right) => Number(right.isUp()) - Number(left.isUp()));
}

const NO_PARTITION = '23514';

/** Whether PostgreSQL refused the values (SQLSTATE classes 22 and 23): it will do so ever again. */
export function isDataFault(error: unknown): boolean {
  const code = codeOf(error);
  return /^2[23]/.test(code) && code !== NO_PARTITION;
}

/** Whether a write failed because there is no partition for a row's time. */
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
