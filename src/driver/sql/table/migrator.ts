/**
 * The migrations: one history of the tables, in the folder `migration/`, for every database. A
 * database with tables of its own adds its own folder to the same history.
 *
 * Each is a file `YYYYMMDDHHMMSS-name.ts` with `up` and `down`; its name without the extension is
 * the revision. A step of any length is all or nothing, and only one process migrates at a time.
 * Not promised: that `down` keeps the rows of dropped tables.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Kysely, type Migration, Migrator, NO_MIGRATIONS } from 'kysely';
import type { Tables } from './tables.ts';

export const MIGRATION_FOLDER = join(import.meta.dirname, '../migration');
/** The revision before the first: no tables at all. */
export const BASE_REVISION = 'base';

const FILE_PATTERN = /^(\d{14}-[a-z0-9]+(?:-[a-z0-9]+)*)\.ts$/;

export type Revision = { readonly name: string; readonly appliedAt: Date | undefined };
export type MigrationStep = { readonly name: string; readonly direction: 'up' | 'down' };

export type RevisionSearch =
  | { readonly ok: true; readonly revision: string }
  | { readonly ok: false; readonly fault: string };

export type CatalogMigrator = {
  /** Every revision, the oldest first. */
  history(): Promise<Revision[]>;
  /** The newest revision that is applied, or `base`. */
  current(): Promise<string>;
  /** The revision with this name, or the only one whose name starts with it. */
  find(wanted: string): Promise<RevisionSearch>;
  /** Applies the next `count` revisions, all of them by default. */
  up(count?: number): Promise<MigrationStep[]>;
  /** Undoes the newest `count` revisions. */
  down(count: number): Promise<MigrationStep[]>;
  /** Goes up or down to a revision, given by its full name. `base` undoes all. */
  to(revision: string): Promise<MigrationStep[]>;
};

export function createCatalogMigrator(
  db: Kysely<Tables>,
  folders: readonly string[] = [MIGRATION_FOLDER],
): CatalogMigrator {
  const migrator = new Migrator({ db, provider: { getMigrations: () => readFolders(folders) } });

  async function history(): Promise<Revision[]> {
    const migrations = await migrator.getMigrations();
    return migrations.map(({ name, executedAt }) => ({ name, appliedAt: executedAt }));
  }
  async function names(applied: boolean): Promise<string[]> {
    const revisions = await history();
    return revisions.filter((it) => (it.appliedAt !== undefined) === applied).map((it) => it.name);
  }
  async function migrateTo(name: string): Promise<MigrationStep[]> {
    const target = name === BASE_REVISION ? NO_MIGRATIONS : name;
    const { error, results = [] } = await migrator.migrateTo(target);
    if (error !== undefined) throw error;
    return results.map(({ migrationName, direction }) => ({
      name: migrationName,
      direction: direction === 'Up' ? 'up' : 'down',
    }));
  }

  return {
    history,
    current: async () => (await names(true)).at(-1) ?? BASE_REVISION,
    find: async (wanted) => findRevision(await history(), wanted),
    async up(count = Number.POSITIVE_INFINITY) {
      const target = (await names(false)).slice(0, count).at(-1);
      return target === undefined ? [] : migrateTo(target);
    },
    async down(count) {
      const applied = await names(true);
      return migrateTo(applied[applied.length - count - 1] ?? BASE_REVISION);
    },
    to: migrateTo,
  };
}

function findRevision(revisions: readonly Revision[], wanted: string): RevisionSearch {
  const names = [BASE_REVISION, ...revisions.map(({ name }) => name)];
  if (names.includes(wanted)) return { ok: true, revision: wanted };
  const [revision, ...others] = names.filter((name) => name.startsWith(wanted));
  if (revision === undefined) return { ok: false, fault: `there is no revision "${wanted}"` };
  if (others.length > 0) return { ok: false, fault: `several revisions begin with "${wanted}"` };
  return { ok: true, revision };
}

async function readFolders(folders: readonly string[]): Promise<Record<string, Migration>> {
  const histories = await Promise.all(folders.map(readMigrations));
  return Object.assign({}, ...histories);
}

async function readMigrations(folder: string): Promise<Record<string, Migration>> {
  const names = (await readdir(folder)).flatMap((file) => FILE_PATTERN.exec(file)?.[1] ?? []);
  const entries = names.map(async (name) => [name, await readMigration(folder, name)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const module: Partial<Migration> = await import(pathToFileURL(join(folder, `${name}.ts`)).href);
  const { up, down } = module;
  // Kysely would silently skip a missing `down` and leave the history inconsistent.
  if (up === undefined || down === undefined) {
    throw new Error(`migration ${name} must export both up and down`);
  }
  return { up, down };
}

export type NewMigration = { readonly message: string; readonly nowMs: number };

/** Writes an empty migration, never over an existing file. @returns its path. */
export async function createMigrationFile(
  { message, nowMs }: NewMigration,
  folder: string = MIGRATION_FOLDER,
): Promise<string> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const slug = message
    .toLowerCase()
    .match(/[a-z0-9]+/g)
    ?.join('-');
  if (slug === undefined) throw new Error('the message must hold a letter or a digit');
  const path = join(folder, `${stamp}-${slug}.ts`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, emptyMigration(slug), { flag: 'wx' });
  return path;
}

function emptyMigration(slug: string): string {
  return `/** ${slug.replaceAll('-', ' ')} */
import type { Kysely } from 'kysely';

// Write for SQLite and PostgreSQL alike, with db.schema.createTable(...), alterTable(...) and so
// on.
export async function up(_db: Kysely<unknown>): Promise<void> {}

// Undo all that up does, the last first.
export async function down(_db: Kysely<unknown>): Promise<void> {}
`;
}
