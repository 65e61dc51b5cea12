/**
 * Where the catalogue of a configuration is kept, opened for those who need it.
 *
 * Embedded: the file `gavel.db` of the data folder, which is made when it is missing.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { type CatalogMigrator, createMigrationFile } from '../driver/sql/migrator.ts';
import { openSqliteCatalog, openSqliteMigrator } from '../driver/sqlite/catalog.ts';
import type { Catalog } from '../port/catalog.ts';

export type StoreConfig = { readonly dataDir: string };

/** The catalogue with its tables at the newest revision. */
export async function openCatalog(config: StoreConfig): Promise<Catalog> {
  return openSqliteCatalog(await databasePath(config));
}

/** The migrations of the catalogue's tables. Opening applies none. */
export async function openMigrator(
  config: StoreConfig,
): Promise<CatalogMigrator & AsyncDisposable> {
  return openSqliteMigrator(await databasePath(config));
}

/** Adds an empty migration to the history and answers its path. */
export function addMigration(message: string): Promise<string> {
  return createMigrationFile({ message, nowMs: systemClock.nowMs() });
}

/** The file of the exchange's own events and counters. */
export function exchangePath({ dataDir }: StoreConfig): string {
  return join(dataDir, 'exchange.db');
}

/** The files of the live auctions: the book with its outbox, the archive, the bus. */
export function livePaths({ dataDir }: StoreConfig) {
  return {
    live: join(dataDir, 'live.db'),
    archive: join(dataDir, 'archive.db'),
    bus: join(dataDir, 'bus.db'),
  };
}

async function databasePath({ dataDir }: StoreConfig): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  return join(dataDir, 'gavel.db');
}
