/**
 * Where the catalogue of a configuration is kept: in PostgreSQL when it is configured, else in the file
 * `gavel.db` of the data folder, which is made when it is missing.
 */
import { systemClock } from '../../../core/clock.ts';
import { systemTimers } from '../../../core/timer.ts';
import { openPostgresCatalog, openPostgresMigrator } from '../../../driver/postgres/catalog.ts';
import { createMigrationFile } from '../../../driver/sql/table/migration-file.ts';
import type { CatalogMigrator } from '../../../driver/sql/table/migrator.ts';
import { HistoryError } from '../../../driver/sql/table/revision.ts';
import { openSqliteCatalog, openSqliteMigrator } from '../../../driver/sqlite/catalog.ts';
import type { Catalog } from '../../../exchange/port/catalog.ts';
import type { Config } from '../../setting/config.ts';
import { makeDataFolder } from './data-folder.ts';
import { catalogPath } from './paths.ts';

const TIME = { clock: systemClock, timers: systemTimers };

export type StoreConfig = Pick<Config, 'dataDir' | 'postgresUrl' | 'postgresReplicaUrl'>;

/** The catalogue with its tables at the newest revision. */
export async function openCatalog(config: StoreConfig): Promise<Catalog> {
  return config.postgresUrl === ''
    ? openSqliteCatalog(await madePath(config), TIME)
    : openPostgresCatalog(config.postgresUrl, TIME);
}

/** The migrations of the catalogue's tables. Opening applies none. */
export async function openMigrator(
  config: StoreConfig,
): Promise<CatalogMigrator & AsyncDisposable> {
  return config.postgresUrl === ''
    ? openSqliteMigrator(await madePath(config))
    : openPostgresMigrator(config.postgresUrl, TIME);
}

/** Whether the tables are another version's: waiting for them helps nobody. */
export function isForeignHistory(error: unknown): boolean {
  return error instanceof HistoryError;
}

/** Adds an empty migration to the history and returns its path. */
export function addMigration(message: string): Promise<string> {
  return createMigrationFile({ message, nowMs: systemClock.nowMs() });
}

async function madePath(config: StoreConfig): Promise<string> {
  await makeDataFolder(config.dataDir);
  return catalogPath(config);
}
