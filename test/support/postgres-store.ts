/** Databases for tests of PostgreSQL: each test has its own on the shared server. */
import {
  openPostgresArchives,
  type PostgresArchives,
} from '../../src/driver/postgres/archive/archives.ts';
import { openPostgresMigrator } from '../../src/driver/postgres/catalog.ts';
import { sharedPgBouncer, sharedPostgres } from './servers.ts';
import { SYSTEM_TIME } from './system-time.ts';

/** The URL of a database by its name. */
export type Reach = (database: string) => Promise<string>;

export const direct: Reach = async (name) => (await sharedPostgres()).urlOf(name);
export const pooled: Reach = async (name) => (await sharedPgBouncer()).urlOf(name);

/** How long a first test may wait for servers that start on a busy machine. */
export const SERVERS_START_MS = 60_000;

let made = 0;
let template: Promise<string> | undefined;

/** @returns the name of a new, empty database */
export async function newDatabase(): Promise<string> {
  const name = nextName();
  await (await sharedPostgres()).createDatabase(name);
  return name;
}

/** @returns the name of a new database with its tables: they are made once and copied */
export async function newMigratedDatabase(): Promise<string> {
  template ??= makeTemplate();
  const name = nextName();
  await (await sharedPostgres()).createDatabase(name, await template);
  return name;
}

async function makeTemplate(): Promise<string> {
  const name = await newDatabase();
  await migrateUp(await direct(name));
  return name;
}

function nextName(): string {
  made += 1;
  return `test_${process.pid}_${made}`;
}

export async function migrateUp(url: string): Promise<void> {
  await using migrator = openPostgresMigrator(url, SYSTEM_TIME);
  await migrator.up();
}

export function openArchives(url: string, replicaUrl = ''): PostgresArchives {
  return openPostgresArchives({ url, replicaUrl }, SYSTEM_TIME);
}

/** Archives in a new database with its tables. */
export async function newArchives(reach: Reach = direct): Promise<PostgresArchives> {
  return openArchives(await reach(await newMigratedDatabase()));
}
