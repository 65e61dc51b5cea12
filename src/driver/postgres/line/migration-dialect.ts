/**
 * The dialect of a pool that only migrations use: each transaction is a migration's, and begins with
 * the lock that keeps others from migrating.
 *
 * The lock is the transaction's: it goes with it, however that ends, also behind a pooler that gives
 * every transaction another session. Kysely's own is the session's. Who waits for the lock tries again
 * and again instead of standing in the database, so that it keeps no connection of a pooler from others.
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

/** Any number that nothing else of Gavel takes. */
const LOCK = 4_738_100;
const LOCK_WAIT_MS = 10_000;
const LOCK_EVERY_MS = 50;

/** How the lock is waited for. */
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

/** Kysely asks for the lock before its transaction, where it would be the session's. */
class MigrationAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Kysely's own looks at every table, and fails when another process drops one meanwhile. */
class MigrationIntrospector extends PostgresIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    super(db);
    this.#db = db;
  }

  /** Those of the history alone: nothing else is asked for. */
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
