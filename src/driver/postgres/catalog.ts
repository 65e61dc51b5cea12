/**
 * The catalogue in PostgreSQL: the driver of the `Catalog` port for many nodes.
 *
 * Opening migrates all tables of Gavel to the newest revision; nodes that open at the same time
 * wait for each other, and opening fails within seconds when PostgreSQL does not answer. `load`
 * reads one snapshot (repeatable read). A watch survives an outage of PostgreSQL and then reports
 * the newest version.
 */
import { join } from 'node:path';
import type { Catalog } from '../../exchange/port/catalog.ts';
import { createSqlCatalog } from '../sql/catalog.ts';
import { MIGRATION_FOLDER } from '../sql/table/migration-file.ts';
import { type CatalogMigrator, createCatalogMigrator } from '../sql/table/migrator.ts';
import type { Tables } from '../sql/table/tables.ts';
import { openPostgres, type PostgresTime } from './line/database.ts';

/** Migrations of the tables that only PostgreSQL has, in one history with the shared ones. */
const OWN_MIGRATION_FOLDER = join(import.meta.dirname, 'migration');

/** For a load, a look for a new version, and replaces that wait for one another. */
const CONNECTIONS = 4;
/** Emptying the table of a million pairs is one statement. */
const STATEMENT_TIMEOUT_MS = 60_000;

export type PostgresCatalog = Catalog & { isUp(): boolean };

export async function openPostgresCatalog(
  url: string,
  time: PostgresTime,
): Promise<PostgresCatalog> {
  {
    await using migrator = openPostgresMigrator(url, time);
    await migrator.up();
  }
  const options = { connections: CONNECTIONS, statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const database = openPostgres<Tables>(url, { ...options, ...time });
  const catalog = createSqlCatalog(database.db, { timers: time.timers });
  return {
    ...catalog,
    isUp: database.isUp,
    [Symbol.asyncDispose]: async () => {
      // Together: a watch that reads from a hanging server ends only with its connection.
      await Promise.all([catalog[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
    },
  };
}

/** The migrator of a PostgreSQL database. Opening changes nothing. */
export function openPostgresMigrator(
  url: string,
  time: PostgresTime,
): CatalogMigrator & AsyncDisposable {
  // One for a migration, which may rewrite a large table, and one for the probe.
  const database = openPostgres<Tables>(url, { connections: 2, statementTimeoutMs: null, ...time });
  return {
    ...createCatalogMigrator(database.db, [MIGRATION_FOLDER, OWN_MIGRATION_FOLDER]),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
