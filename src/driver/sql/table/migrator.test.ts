import type { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createSqliteKysely, openSqlite } from '../../sqlite/file/database.ts';
import {
  BASE_REVISION,
  type CatalogMigrator,
  createCatalogMigrator,
  createMigrationFile,
} from './migrator.ts';
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
    await migrator.to(BASE_REVISION);
    expect(readSchema(database)).toEqual([]);
    await migrator.up();
    expect(readSchema(database)).toEqual(schema);
  });

  test('every single revision can be undone and applied again', async () => {
    const database = openSqlite(':memory:');
    const migrator = createCatalogMigrator(createSqliteKysely<Tables>(database));
    for (const _revision of await migrator.history()) {
      const before = readSchema(database);
      await migrator.up(1);
      const after = readSchema(database);
      await migrator.down(1);
      expect(readSchema(database)).toEqual(before);
      await migrator.up(1);
      expect(readSchema(database)).toEqual(after);
    }
  });
});

describe('the migrator', () => {
  test('goes up by a few revisions, then by all', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    expect(await house.migrator.current()).toBe(BASE_REVISION);
    expect(await house.migrator.up(1)).toEqual([{ name: FIRST, direction: 'up' }]);
    expect(await house.migrator.current()).toBe(FIRST);
    const rest = await house.migrator.up();
    expect(rest.map(({ name }) => name)).toEqual([SECOND, THIRD]);
    expect(await house.migrator.up()).toEqual([]);
  });

  test('goes down by a few revisions, the newest first, and no lower than base', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    await house.migrator.up();
    expect(await house.migrator.down(1)).toEqual([{ name: THIRD, direction: 'down' }]);
    const rest = await house.migrator.down(9);
    expect(rest.map(({ name }) => name)).toEqual([SECOND, FIRST]);
    expect(await house.migrator.down(1)).toEqual([]);
  });

  test('goes to a revision from below and from above', async () => {
    await using house = await openHouse([FIRST, SECOND, THIRD]);
    await house.migrator.to(SECOND);
    expect(await house.migrator.current()).toBe(SECOND);
    await house.migrator.up();
    await house.migrator.to(SECOND);
    expect(await house.migrator.current()).toBe(SECOND);
  });

  test('reports the applied revisions', async () => {
    await using house = await openHouse([FIRST, SECOND]);
    await house.migrator.up(1);
    const [first, second] = await house.migrator.history();
    expect(first?.appliedAt).toBeInstanceOf(Date);
    expect(second).toEqual({ name: SECOND, appliedAt: undefined });
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
    expect(await house.migrator.down(1)).toHaveLength(1);
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
