/**
 * The migrations: one history of the tables for every database. A database that has tables of its own
 * adds a folder of its own, in the same history.
 *
 * A walk of any length is all or nothing: it chooses its steps and takes them in one transaction,
 * whose begin must keep others from migrating (SQLite's does, PostgreSQL's by a lock). Its record is
 * the table of Kysely's own migrator, which walked it before. Not promised: that `down` keeps the rows
 * of what it drops; `plan` says how many they are.
 */
import { type Kysely, sql } from 'kysely';
import { present } from '../../../core/assert.ts';
import { MIGRATION_FOLDER, type MigrationFile, readMigrations } from './migration-file.ts';
import {
  chooseSteps,
  currentOf,
  findRevision,
  HEAD_REVISION,
  HistoryError,
  historyOf,
  type MigrationStep,
  type Revision,
  type RevisionSearch,
  type Target,
} from './revision.ts';
import type { Tables } from './tables.ts';

/** Rows are counted so far; a table of more is told as having more. */
const MOST_COUNTED = 1_000_000;

/** A table whose rows go with a step, and how many they are, `MOST_COUNTED + 1` for any more. */
export type Loss = { readonly table: string; readonly rows: number };
export type PlannedStep = MigrationStep & { readonly losses: readonly Loss[] };

export type CatalogMigrator = {
  /** Every revision, the oldest first. */
  history(): Promise<Revision[]>;
  /** The newest revision that is applied, or `base`. */
  current(): Promise<string>;
  /** The revision with this name, or the only one whose name starts with it. */
  find(wanted: string): Promise<RevisionSearch>;
  /** What a walk would do now. @throws HistoryError */
  plan(target: Target): Promise<PlannedStep[]>;
  /**
   * @param agreed when given, the walk undoes these or nothing at all
   * @throws HistoryError
   */
  walk(target: Target, agreed?: readonly MigrationStep[]): Promise<MigrationStep[]>;
  /** To the newest revision. @throws HistoryError */
  up(): Promise<MigrationStep[]>;
};

export function createCatalogMigrator(
  db: Kysely<Tables>,
  folders: readonly string[] = [MIGRATION_FOLDER],
): CatalogMigrator {
  const record = db as unknown as Kysely<Record>;

  async function history(): Promise<Revision[]> {
    const files = await readMigrations(folders);
    const applied = (await hasRecord(record)) ? await readApplied(record) : new Map();
    return historyOf(namesOf(files), applied);
  }

  async function plan(target: Target): Promise<PlannedStep[]> {
    const files = await readMigrations(folders);
    const planned: PlannedStep[] = [];
    for (const step of chooseSteps(await history(), target)) {
      const tables = step.direction === 'down' ? fileOf(files, step).holds : [];
      const losses: Loss[] = [];
      for (const table of tables) losses.push({ table, rows: await countRows(record, table) });
      planned.push({ ...step, losses });
    }
    return planned;
  }

  async function walk(target: Target, agreed?: readonly MigrationStep[]): Promise<MigrationStep[]> {
    const files = await readMigrations(folders);
    return record.transaction().execute(async (transaction) => {
      await makeRecord(transaction);
      const applied = await readApplied(transaction);
      const steps = chooseSteps(historyOf(namesOf(files), applied), target);
      if (agreed !== undefined) demandAgreed(steps, agreed);
      for (const step of steps) await take(transaction, step, fileOf(files, step));
      return steps;
    });
  }

  return {
    history,
    current: async () => currentOf(await history()),
    find: async (wanted) => findRevision(await history(), wanted),
    plan,
    walk,
    up: () => walk({ to: HEAD_REVISION }),
  };
}

type Record = { kysely_migration: { name: string; timestamp: string } };
const RECORD = 'kysely_migration';
const LOCK = 'kysely_migration_lock';

async function hasRecord(db: Kysely<Record>): Promise<boolean> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  return tables.some(({ name }) => name === RECORD);
}

async function makeRecord(db: Kysely<Record>): Promise<void> {
  await db.schema
    .createTable(RECORD)
    .ifNotExists()
    .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
    .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
    .execute();
  // As Kysely's own migrator makes it: what must outlive the tables is kept there.
  await db.schema
    .createTable(LOCK)
    .ifNotExists()
    .addColumn('id', 'varchar(255)', (column) => column.notNull().primaryKey())
    .addColumn('is_locked', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}

async function readApplied(db: Kysely<Record>): Promise<Map<string, Date>> {
  const rows = await db.selectFrom(RECORD).select(['name', 'timestamp']).execute();
  return new Map(rows.map(({ name, timestamp }) => [name, new Date(timestamp)]));
}

async function take(db: Kysely<Record>, step: MigrationStep, file: MigrationFile): Promise<void> {
  const { name } = step;
  if (step.direction === 'up') {
    await file.up(db);
    const timestamp = new Date().toISOString();
    await db.insertInto(RECORD).values({ name, timestamp }).execute();
  } else {
    await file.down(db);
    await db.deleteFrom(RECORD).where('name', '=', name).execute();
  }
}

async function countRows(db: Kysely<Record>, table: string): Promise<number> {
  const { rows } = await sql<{ count: number | string }>`
    select count(*) as count
    from (select 1 from ${sql.table(table)} limit ${MOST_COUNTED + 1}) as counted`.execute(db);
  return Number(rows[0]?.count);
}

/** Others may have migrated between the question and its answer. */
function demandAgreed(steps: readonly MigrationStep[], agreed: readonly MigrationStep[]): void {
  const undone = (those: readonly MigrationStep[]) =>
    namesOf(those.filter(({ direction }) => direction === 'down')).join();
  if (undone(steps) === undone(agreed)) return;
  throw new HistoryError('another process has migrated meanwhile: nothing was done, look again');
}

function namesOf(those: readonly { readonly name: string }[]): string[] {
  return those.map(({ name }) => name);
}

function fileOf(files: readonly MigrationFile[], { name }: MigrationStep): MigrationFile {
  return present(
    files.find((one) => one.name === name),
    `the file of migration ${name}`,
  );
}
