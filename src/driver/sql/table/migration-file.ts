/**
 * The files of migrations: `YYYYMMDDHHMMSS-name.ts` with `up` and `down`, in the folder `migration/`.
 * The name without its ending is the revision. One may export `holds`, the tables whose rows go when
 * it is undone.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Migration } from 'kysely';

export const MIGRATION_FOLDER = join(import.meta.dirname, '../migration');

const FILE_PATTERN = /^(\d{14}-[a-z0-9]+(?:-[a-z0-9]+)*)\.ts$/;

export type MigrationFile = Required<Migration> & {
  readonly name: string;
  readonly holds: readonly string[];
};

/** Those of all folders as one history, the oldest first. */
export async function readMigrations(folders: readonly string[]): Promise<MigrationFile[]> {
  const histories = await Promise.all(folders.map(readFolder));
  return histories.flat().toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function readFolder(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).flatMap((file) => FILE_PATTERN.exec(file)?.[1] ?? []);
  return Promise.all(names.map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<MigrationFile> {
  const module: Partial<MigrationFile> = await import(
    pathToFileURL(join(folder, `${name}.ts`)).href
  );
  const { up, down, holds = [] } = module;
  if (up === undefined || down === undefined) {
    throw new Error(`migration ${name} must export both up and down`);
  }
  return { name, up, down, holds };
}

export type NewMigration = { readonly message: string; readonly nowMs: number };

/** Writes an empty migration and answers its path. It fails rather than overwrite a file. */
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

/** Tables whose rows go when this is undone: \`gavel migrate down\` names them and asks first. */
export const holds: readonly string[] = [];

// Write for SQLite and PostgreSQL alike, with db.schema.createTable(...), alterTable(...) and so on.
export async function up(_db: Kysely<unknown>): Promise<void> {}

// Undo all that up does, the last first.
export async function down(_db: Kysely<unknown>): Promise<void> {}
`;
}
