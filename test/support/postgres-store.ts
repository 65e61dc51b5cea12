/** Databases for tests of PostgreSQL: each test takes one of its own on the shared server. */
import {
  openPostgresArchives,
  type PostgresArchives,
} from '../../src/driver/postgres/archive/archives.ts';
import { openPostgresMigrator } from '../../src/driver/postgres/catalog.ts';
import { sharedPgBouncer, sharedPostgres } from './servers.ts';

/** How a database is reached by its name. */
export type Reach = (database: string) => Promise<string>;

export const direct: Reach = async (name) => (await sharedPostgres()).urlOf(name);
export const pooled: Reach = async (name) => (await sharedPgBouncer()).urlOf(name);

/** How long a first test may wait for servers that start on a busy machine. */
export const SERVERS_START_MS = 60_000;

let made = 0;

/** @returns the name of a new, empty database */
export async function newDatabase(): Promise<string> {
  const name = `test_${process.pid}_${++made}`;
  await (await sharedPostgres()).createDatabase(name);
  return name;
}

export async function migrateUp(url: string): Promise<void> {
  await using migrator = openPostgresMigrator(url);
  await migrator.up();
}

/** Archives in a new database with its tables. */
export async function newArchives(reach: Reach = direct): Promise<PostgresArchives> {
  const url = await reach(await newDatabase());
  await migrateUp(url);
  return openPostgresArchives({ url, replicaUrl: '' });
}
