/**
 * The dialect of a pool that only migrations use: each transaction is a migration's, and starts
 * with the lock that keeps other processes from migrating.
 *
 * The lock belongs to the transaction: it is released with it, however that ends, also behind a
 * pooler that gives every transaction another session. Kysely's own lock belongs to the session. A
 * waiting process polls for the lock instead of waiting in the database, so that it does not occupy
 * a connection of a pooler.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  PostgresIntrospector,
  sql,
  type TableMetadata,
  type TransactionSettings,
} from 'kysely';
import { present } from '../../../core/assert.ts';
import type { Clock } from '../../../core/clock.ts';
import { sleep, type Timers } from '../../../core/timer.ts';

/** Any number that Gavel uses for nothing else. */
const LOCK = 4_738_100;
const LOCK_WAIT_MS = 10_000;
const LOCK_EVERY_MS = 50;

/** The wait for the lock. */
export type LockWait = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly waitMs?: number;
};

export class MigrationDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #wait: LockWait;

  constructor(config: PostgresDialectConfig, wait: LockWait) {
    super(config);
    this.#config = config;
    this.#wait = wait;
  }

  override createAdapter(): PostgresAdapter {
    return new MigrationAdapter();
  }

  override createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new MigrationIntrospector(db);
  }

  override createDriver(): PostgresDriver {
    return new MigrationDriver(this.#config, this.#wait);
  }
}

/** Kysely takes its lock before the transaction, where it would belong to the session. */
class MigrationAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/**
 * Kysely's own introspector reads every table, and fails when another process drops one meanwhile.
 */
class MigrationIntrospector extends PostgresIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    super(db);
    this.#db = db;
  }

  /** Returns only the tables of the history: the migrator needs no others. */
  override async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<Pick<TableMetadata, 'name' | 'schema'>>`
      select tablename as name, schemaname as schema from pg_tables
      where tablename like 'kysely%' and schemaname = any(current_schemas(false))
    `.execute(this.#db);
    return rows.map((table) => ({ ...table, isView: false, columns: [] }));
  }
}

class MigrationDriver extends PostgresDriver {
  readonly #wait: LockWait;

  constructor(config: PostgresDialectConfig, wait: LockWait) {
    super(config);
    this.#wait = wait;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const { clock, timers, waitMs = LOCK_WAIT_MS } = this.#wait;
    const endsAtMs = clock.elapsedMs() + waitMs;
    for (;;) {
      await super.beginTransaction(connection, settings);
      if (await isLocked(connection)) break;
      await this.rollbackTransaction(connection);
      if (clock.elapsedMs() > endsAtMs) {
        throw new Error(`another process is migrating: waited ${waitMs} ms for it`);
      }
      await sleep(timers, LOCK_EVERY_MS);
    }
    await connection.executeQuery(CompiledQuery.raw('set local statement_timeout = 0'));
  }
}

async function isLocked(connection: DatabaseConnection): Promise<boolean> {
  const { rows } = await connection.executeQuery<{ locked: boolean }>(
    CompiledQuery.raw(`select pg_try_advisory_xact_lock(${LOCK}) as locked`),
  );
  return present(rows[0], 'the answer to the lock').locked;
}
