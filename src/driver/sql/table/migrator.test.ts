import type { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Migrator } from 'kysely';
import { openSqlite } from '../../sqlite/file/database.ts';
import { createSqliteKysely } from '../../sqlite/file/kysely.ts';
import { createMigrationFile } from './migration-file.ts';
import { type CatalogMigrator, createCatalogMigrator } from './migrator.ts';
import { BASE_REVISION, HistoryError } from './revision.ts';
import type { Tables } from './tables.ts';

type House = AsyncDisposable & {
  readonly folder: string;
  readonly database: Database;
  readonly migrator: CatalogMigrator;
};

async function openHouse(names: readonly string[]): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-migration-'));
  for (const name of names) await writeFile(join(folder, `${name}.ts`), tableMigration(name));
  const database = openSqlite(':memory:');
  const db = createSqliteKysely<Tables>(database);
  return {
    folder,
    database,
    migrator: createCatalogMigrator(db, [folder]),
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await rm(folder, { recursive: true });
    },
  };
}

function tableMigration(name: string): string {
  return `
    export const up = (db) => db.schema.createTable('t${name}').addColumn('id', 'text').execute();
    export const down = (db) => db.schema.dropTable('t${name}').execute();
  `;
}

function readSchema(database: Database): unknown[] {
  return database
    .query("select name, sql from sqlite_master where tbl_name not like 'kysely%' order by name")
    .all();
}

const FIRST = '20260101000000-first';
const SECOND = '20260102000000-second';
const THIRD = '20260103000000-third';

describe('the history of the catalogue', () => {
  test('up, down and up again leaves the same schema, and down leaves none', async () => {
    const database = openSqlite(':memory:');
    const migrator = createCatalogMigrator(createSqliteKysely<Tables>(database));
    await migrator.up();
    const schema = readSchema(database);
    expect(schema).not.toBeEmpty();
    await migrator.walk({ to: BASE_REVISION });
    expect(readSchema(database)).toEqual([]);
    await migrator.up();
    expect(readSchema(database)).toEqual(schema);
  });

  test('every single revision can be undone and applied again', async () => {
    const database = openSqlite(':memory:');
    const migrator = createCatalogMigrator(createSqliteKysely<Tables>(database));
    for (const _revision of await migrator.history()) {
      const before = readSchema(database);
      await migrator.walk({ up: 1 });
      const after = readSchema(database);
      await migrator.walk({ down: 1 });
      expect(readSchema(database)).toEqual(before);
      await migrator.walk({ up: 1 });
      expect(readSchema(database)).toEqual(after);
    }
  });
});

describe('the migrator', () => {
  test('goes up by a few revisions, then by all', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    expect(await house.migrator.current()).toBe(BASE_REVISION);
    expect(await house.migrator.walk({ up: 1 })).toEqual([{ name: FIRST, direction: 'up' }]);
    expect(await house.migrator.current()).toBe(FIRST);
    const rest = await house.migrator.up();
    expect(rest.map(({ name }) => name)).toEqual([SECOND, THIRD]);
    expect(await house.migrator.up()).toEqual([]);
  });

  test('goes down by a few revisions, the newest first, and no lower than base', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    await house.migrator.up();
    expect(await house.migrator.walk({ down: 1 })).toEqual([{ name: THIRD, direction: 'down' }]);
    const rest = await house.migrator.walk({ down: 9 });
    expect(rest.map(({ name }) => name)).toEqual([SECOND, FIRST]);
    expect(await house.migrator.walk({ down: 1 })).toEqual([]);
  });

  test('goes to a revision from below and from above', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    await house.migrator.walk({ to: SECOND });
    expect(await house.migrator.current()).toBe(SECOND);
    await house.migrator.up();
    await house.migrator.walk({ to: SECOND });
    expect(await house.migrator.current()).toBe(SECOND);
  });

  test('reports the applied revisions', async () => {
    await using house = await openHouse([FIRST, SECOND]);
    await house.migrator.walk({ up: 1 });
    const [first, second] = await house.migrator.history();
    expect(first?.appliedAt).toBeInstanceOf(Date);
    expect(second).toEqual({ name: SECOND, appliedAt: undefined, isKnown: true });
  });

  test('finds a revision by its name or a unique prefix', async () => {
    await using house = await openHouse([FIRST, SECOND]);
    const { migrator } = house;
    expect(await migrator.find('20260102')).toEqual({ ok: true, revision: SECOND });
    expect(await migrator.find('base')).toEqual({ ok: true, revision: 'base' });
    expect(await migrator.find('2026')).toMatchObject({ ok: false });
    expect(await migrator.find('first')).toMatchObject({ ok: false });
  });

  test('applies nothing of a step when one migration fails', async () => {
    await using house = await openHouse([FIRST]);
    const failing = `
      export const up = async (db) => {
        await db.schema.createTable('half').addColumn('id', 'text').execute();
        throw new Error('boom');
      };
      export const down = async () => {};
    `;
    await writeFile(join(house.folder, `${SECOND}.ts`), failing);
    await expect(house.migrator.up()).rejects.toThrow('boom');
    expect(readSchema(house.database)).toEqual([]);
    expect(await house.migrator.current()).toBe(BASE_REVISION);
  });

  test('chooses its steps where no other can migrate', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    const path = join(house.folder, 'shared.db');
    const bases = [1, 2].map(() => createSqliteKysely<Tables>(openSqlite(path)));
    const walks = bases.map((db) => createCatalogMigrator(db, [house.folder]).walk({ up: 1 }));
    const steps = (await Promise.all(walks)).flat().map(({ name }) => name);
    expect(steps.toSorted()).toEqual([FIRST, SECOND]);
    await Promise.all(bases.map((db) => db.destroy()));
  });

  test('says what a step down would lose, and undoes only what was agreed', async () => {
    await using house = await openHouse([FIRST]);
    const holding = `${tableMigration(SECOND)} export const holds = ['t${SECOND}'];`;
    await writeFile(join(house.folder, `${SECOND}.ts`), holding);
    const { migrator, database } = house;
    await migrator.up();
    database.run(`insert into "t${SECOND}" values ('a'), ('b')`);
    const planned = await migrator.plan({ to: BASE_REVISION });
    expect(planned).toEqual([
      { name: SECOND, direction: 'down', losses: [{ table: `t${SECOND}`, rows: 2 }] },
      { name: FIRST, direction: 'down', losses: [] },
    ]);
    const agreed = planned.slice(0, 1);
    const walk = migrator.walk({ to: BASE_REVISION }, agreed);
    await expect(walk).rejects.toThrow('another process has migrated meanwhile');
    expect(await migrator.current()).toBe(SECOND);
    expect(await migrator.walk({ down: 1 }, agreed)).toHaveLength(1);
  });

  test('names a newer revision than it has, and one whose file is missing', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    const { migrator, folder } = house;
    await migrator.up();
    await rm(join(folder, `${SECOND}.ts`));
    const missing = `migration ${SECOND} is applied, and its file is missing`;
    await expect(migrator.up()).rejects.toThrow(new HistoryError(missing));
    await expect(migrator.plan({ down: 2 })).rejects.toThrow(missing);
    expect((await migrator.history())[1]).toMatchObject({ name: SECOND, isKnown: false });
    await writeFile(join(folder, `${SECOND}.ts`), tableMigration(SECOND));
    await rm(join(folder, `${THIRD}.ts`));
    await expect(migrator.up()).rejects.toThrow(
      `the tables are at revision ${THIRD}, which this version of Gavel does not have: ` +
        `its newest is ${SECOND}`,
    );
    expect(await migrator.current()).toBe(THIRD);
  });

  test('names one that was added before those that are applied', async () => {
    await using house = await openHouse([FIRST, THIRD]);
    await house.migrator.up();
    await writeFile(join(house.folder, `${SECOND}.ts`), tableMigration(SECOND));
    const late = `migration ${SECOND} is not applied, and ${THIRD} after it is`;
    await expect(house.migrator.up()).rejects.toThrow(late);
  });

  test('goes on with tables that the migrator of Kysely made', async () => {
    await using house = await openHouse([FIRST, SECOND]);
    const db = createSqliteKysely<Tables>(openSqlite(join(house.folder, 'old.db')));
    const getMigrations = async () => ({ [FIRST]: { up: async () => {}, down: async () => {} } });
    await new Migrator({ db, provider: { getMigrations } }).migrateToLatest();
    const migrator = createCatalogMigrator(db, [house.folder]);
    expect(await migrator.up()).toEqual([{ name: SECOND, direction: 'up' }]);
    await db.destroy();
  });

  test('refuses a migration without down', async () => {
    await using house = await openHouse([FIRST]);
    await writeFile(join(house.folder, `${SECOND}.ts`), 'export const up = async () => {};');
    await expect(house.migrator.up()).rejects.toThrow('must export both up and down');
  });

  test('ignores files that are not named like migrations', async () => {
    await using house = await openHouse([FIRST]);
    await writeFile(join(house.folder, 'notes.ts'), 'throw new Error("read")');
    expect(await house.migrator.history()).toHaveLength(1);
  });
});

describe('a created migration', () => {
  const nowMs = Date.UTC(2026, 10, 21, 9, 5, 7);

  test('has a dated name and can be applied and undone', async () => {
    await using house = await openHouse([FIRST]);
    const path = await createMigrationFile({ message: 'Add a Budget!', nowMs }, house.folder);
    expect(basename(path)).toBe('20261121090507-add-a-budget.ts');
    await house.migrator.up();
    expect(await house.migrator.current()).toBe('20261121090507-add-a-budget');
    expect(await house.migrator.walk({ down: 1 })).toHaveLength(1);
  });

  test('never overwrites another', async () => {
    await using house = await openHouse([]);
    const made = { message: 'same', nowMs };
    await createMigrationFile(made, house.folder);
    await expect(createMigrationFile(made, house.folder)).rejects.toThrow('EEXIST');
  });

  test('cannot escape its folder, and needs a name', async () => {
    await using house = await openHouse([]);
    const path = await createMigrationFile({ message: '../../etc/x', nowMs }, house.folder);
    expect(path).toBe(join(house.folder, '20261121090507-etc-x.ts'));
    await expect(createMigrationFile({ message: '../', nowMs }, house.folder)).rejects.toThrow();
  });
});
