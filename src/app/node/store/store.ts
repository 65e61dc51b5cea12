/**
 * Where the catalogue and the archives of a configuration are kept, opened for those who need them.
 *
 * In PostgreSQL when it is configured. Embedded: the catalogue is the file `gavel.db` of the data
 * folder, which is made when it is missing.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { systemTimers } from '../../../core/timer.ts';
import { openPostgresCatalog, openPostgresMigrator } from '../../../driver/postgres/catalog.ts';
import { type CatalogMigrator, createMigrationFile } from '../../../driver/sql/table/migrator.ts';
import { openSqliteCatalog, openSqliteMigrator } from '../../../driver/sqlite/catalog.ts';
import type { Catalog } from '../../../exchange/port/catalog.ts';
import type { Config } from '../../setting/config.ts';
import type { Worker } from '../parts.ts';

const TIME = { clock: systemClock, timers: systemTimers };
const EXCHANGE_FILE = /^exchange(?:-(\d+))?\.db$/;

export type StoreConfig = Pick<Config, 'dataDir' | 'postgresUrl' | 'postgresReplicaUrl'>;

/** The catalogue with its tables at the newest revision. */
export async function openCatalog(config: StoreConfig): Promise<Catalog> {
  return config.postgresUrl === ''
    ? openSqliteCatalog(await databasePath(config), TIME)
    : openPostgresCatalog(config.postgresUrl, TIME);
}

/** The migrations of the catalogue's tables. Opening applies none. */
export async function openMigrator(
  config: StoreConfig,
): Promise<CatalogMigrator & AsyncDisposable> {
  return config.postgresUrl === ''
    ? openSqliteMigrator(await databasePath(config))
    : openPostgresMigrator(config.postgresUrl, TIME);
}

/** Adds an empty migration to the history and answers its path. */
export function addMigration(message: string): Promise<string> {
  return createMigrationFile({ message, nowMs: systemClock.nowMs() });
}

/** The file of the exchange's own events and counters: one a process. */
export function exchangePath({ dataDir }: Pick<Config, 'dataDir'>, worker: Worker | null): string {
  return join(dataDir, worker === null ? 'exchange.db' : `exchange-${worker.number}.db`);
}

/** Whether a file of the data folder is one of those. */
export function isExchangeFile(name: string): boolean {
  return EXCHANGE_FILE.test(name);
}

/**
 * Such files of which no process is in charge any more, because there were more workers before, or
 * none. The first process takes care of them.
 */
export async function leftExchangePaths(
  { dataDir }: Pick<Config, 'dataDir'>,
  worker: Worker | null,
): Promise<string[]> {
  if (worker !== null && worker.number > 1) return [];
  const served =
    worker === null ? [''] : Array.from({ length: worker.count }, (_, at) => `${at + 1}`);
  return (await readdir(dataDir))
    .filter((name) => isExchangeFile(name) && !served.includes(numberOf(name)))
    .map((name) => join(dataDir, name));
}

function numberOf(exchangeFile: string): string {
  return EXCHANGE_FILE.exec(exchangeFile)?.[1] ?? '';
}

/** The files of the live auctions: the book with its outbox, the archive, the bus. */
export function livePaths({ dataDir }: Pick<Config, 'dataDir'>) {
  return {
    live: join(dataDir, 'live.db'),
    archive: join(dataDir, 'archive.db'),
    bus: join(dataDir, 'bus.db'),
  };
}

async function databasePath({ dataDir }: Pick<Config, 'dataDir'>): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  return join(dataDir, 'gavel.db');
}
