/**
 * PostgreSQL through `pg` and Kysely: one bounded pool per handle.
 *
 * Made for PgBouncer in transaction mode: it keeps no session state, uses no named statements, and
 * sets the statement timeout in each transaction. Whole numbers are returned as JavaScript numbers;
 * one that is not exact is an error. A server that dies never throws into the process: calls under
 * way reject, idle connections are dropped, and `isUp` is the result of the last probe. A server
 * that hangs costs a call at most `statementTimeoutMs` plus a second; a pool for migrations aborts
 * its calls when two probes in a row went unanswered. Closing takes two seconds at most: calls
 * still under way then reject.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type TransactionSettings,
} from 'kysely';
import { Pool, types } from 'pg';
import type { Clock } from '../../../core/clock.ts';
import type { Timers } from '../../../core/timer.ts';
import { guardPool } from './guarded-pool.ts';
import { MigrationDialect } from './migration-dialect.ts';
import { isAnswered, startProbe } from './probe.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const IDLE_MS = 30_000;
/**
 * Extra wait of the client beyond the server's timeout: by then the server does not answer at all.
 */
const SILENCE_MS = 1_000;
/** How long closing waits for calls under way, and for the server to close its connections. */
const CLOSE_MS = 2_000;

export type PostgresTime = { readonly clock: Clock; readonly timers: Timers };

export type PostgresOptions = PostgresTime & {
  readonly connections: number;
  /**
   * The longest that one statement of a transaction may run; null for migrations, which have no
   * limit.
   */
  readonly statementTimeoutMs: number | null;
};

export type PostgresDatabase<Tables> = AsyncDisposable & {
  readonly db: Kysely<Tables>;
  /** Whether the last probe was answered; false before the first. */
  isUp(): boolean;
};

/** Opening waits for nothing and never fails. */
export function openPostgres<Tables>(
  url: string,
  options: PostgresOptions,
): PostgresDatabase<Tables> {
  const { statementTimeoutMs, clock, timers } = options;
  const pool = createPool(url, options);
  const guarded = guardPool(pool);
  const probe = startProbe({
    timers,
    ask: () => isAnswered(pool),
    onSilence: () => {
      if (statementTimeoutMs === null) guarded.abandon(new Error('PostgreSQL does not answer'));
    },
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    probe.stop();
    closed ??= endPool(pool, timers).finally(() =>
      guarded.abandon(new Error('the pool is closed')),
    );
    return closed;
  };
  const config = { pool: { connect: guarded.connect, end: close } };
  const dialect =
    statementTimeoutMs === null
      ? new MigrationDialect(config, { clock, timers })
      : new TimedDialect(config, statementTimeoutMs);
  const db = new Kysely<Tables>({ dialect });
  return {
    db,
    isUp: probe.isUp,
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      // Kysely does not close a pool that it never used.
      await close();
    },
  };
}

function createPool(url: string, { connections, statementTimeoutMs }: PostgresOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'gavel',
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    types: { getTypeParser: typeParser },
    ...(statementTimeoutMs === null ? {} : { query_timeout: statementTimeoutMs + SILENCE_MS }),
  });
  // An idle connection that the server ends leaves the pool; no call waits for it.
  pool.on('error', () => undefined);
  return pool;
}

async function endPool(pool: Pool, timers: Timers): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>();
  const callOff = timers.after(CLOSE_MS, resolve);
  await Promise.race([pool.end(), tooLate]);
  callOff();
}

const typeParser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === types.builtins.INT8 ? parseInt8 : types.getTypeParser(oid, format as 'text');

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe whole number: ${text}`);
  return value;
}

class TimedDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #statementTimeoutMs: number;

  constructor(config: PostgresDialectConfig, statementTimeoutMs: number) {
    super(config);
    this.#config = config;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  override createDriver(): PostgresDriver {
    return new TimedDriver(this.#config, this.#statementTimeoutMs);
  }
}

class TimedDriver extends PostgresDriver {
  readonly #statementTimeoutMs: number;

  constructor(config: PostgresDialectConfig, statementTimeoutMs: number) {
    super(config);
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    await super.beginTransaction(connection, settings);
    // A pooler hands the session to others: the setting must not outlive the transaction.
    const setting = `set local statement_timeout = ${this.#statementTimeoutMs}`;
    await connection.executeQuery(CompiledQuery.raw(setting));
  }
}
