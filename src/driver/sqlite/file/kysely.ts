/** The seam by which Kysely drives `bun:sqlite`. Statements are prepared once and kept. */
import type { Database, SQLQueryBindings } from 'bun:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type TransactionSettings,
} from 'kysely';

/** Kysely over an open database; destroying it closes the database. */
export function createSqliteKysely<Tables>(database: Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new BunSqliteDialect({ database: adapt(database) }) });
}

type Adapted = Exclude<SqliteDialectConfig['database'], () => unknown>;

function adapt(database: Database): Adapted {
  return {
    close: () => database.close(),
    prepare: (sql) => adaptStatement(database, sql),
  };
}

function adaptStatement(database: Database, sql: string): ReturnType<Adapted['prepare']> {
  const statement = database.query<unknown, SQLQueryBindings[]>(sql);
  const bind = (parameters: readonly unknown[]) => parameters as SQLQueryBindings[];
  return {
    reader: statement.columnNames.length > 0,
    all: (parameters) => statement.all(...bind(parameters)),
    run: (parameters) => statement.run(...bind(parameters)),
    iterate: (parameters) => statement.iterate(...bind(parameters)),
  };
}

class BunSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver(this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings = {},
  ): Promise<void> {
    // A transaction that starts as a reader and then writes fails at once when another process wrote
    // meanwhile, however long the busy timeout: one that may write takes the lock first.
    const begin = settings.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  /** SQLite can: so a failed migration leaves nothing, and two processes do not migrate at once. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
