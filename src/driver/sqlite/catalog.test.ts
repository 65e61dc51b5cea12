import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_TIME } from '../../../test/support/system-time.ts';
import {
  catalogContract,
  type SharedCatalogStore,
  sharedCatalogContract,
} from '../../exchange/port/catalog.contract.ts';
import { openSqliteCatalog, openSqliteMigrator } from './catalog.ts';

const DRIVER = JSON.stringify(join(import.meta.dirname, 'catalog.ts'));
const SUPPORT = join(import.meta.dirname, '../../../test/support');
const TIME = JSON.stringify(join(SUPPORT, 'system-time.ts'));
const REPLACE_ELSEWHERE = `
  import { openSqliteCatalog } from ${DRIVER};
  import { SYSTEM_TIME } from ${TIME};
  const { path, contents } = await Bun.stdin.json();
  await using catalog = await openSqliteCatalog(path, SYSTEM_TIME);
  for (const content of contents) await catalog.replace(content);
`;

async function openFolder(): Promise<AsyncDisposable & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-catalog-'));
  return {
    file: join(folder, 'gavel.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function openFileStore(): Promise<SharedCatalogStore> {
  const folder = await openFolder();
  return {
    open: () => openSqliteCatalog(folder.file, SYSTEM_TIME),
    async replaceElsewhere(contents) {
      const child = Bun.spawn([process.execPath, '-e', REPLACE_ELSEWHERE], {
        stdin: new Blob([JSON.stringify({ path: folder.file, contents })]),
        stdout: 'inherit',
        stderr: 'inherit',
      });
      expect(await child.exited).toBe(0);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

catalogContract('a SQLite file', openFileStore);
sharedCatalogContract('a SQLite file', openFileStore);
catalogContract('SQLite memory', async () => ({
  open: () => openSqliteCatalog(':memory:', SYSTEM_TIME),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

function readSchema(file: string): unknown[] {
  using database = new Database(file, { readonly: true });
  return database
    .query("select name, sql from sqlite_master where name not like 'kysely_%' order by name")
    .all();
}

test('a replace leaves the schema as the migrations made it', async () => {
  await using folder = await openFolder();
  await using catalog = await openSqliteCatalog(folder.file, SYSTEM_TIME);
  const before = readSchema(folder.file);
  await catalog.replace({ supplies: [], bidders: [] });
  expect(readSchema(folder.file)).toEqual(before);
});

test('the tables have the indexes that the seed of the catalogue asks for', async () => {
  await using folder = await openFolder();
  await using _catalog = await openSqliteCatalog(folder.file, SYSTEM_TIME);
  using database = new Database(folder.file, { readonly: true });
  const indexes = database
    .query<{ on: string }, []>(
      `select t.name || '(' || group_concat(i.name) || ')' as "on"
       from sqlite_master t, pragma_index_list(t.name) l, pragma_index_info(l.name) i
       where t.type = 'table' group by l.name`,
    )
    .all()
    .map((row) => row.on);
  for (const wanted of [
    'bidder(country)',
    'bidder(country,id)',
    'supply_bidder(supply_id,position)',
    'supply_bidder(bidder_id)',
  ]) {
    expect(indexes).toContain(wanted);
  }
});

test('a watcher outlives tables that are dropped and made again', async () => {
  await using folder = await openFolder();
  await using catalog = await openSqliteCatalog(folder.file, SYSTEM_TIME);
  await catalog.replace({ supplies: [], bidders: [{ id: 'old', country: null }] });
  const { promise: seen, resolve } = Promise.withResolvers<number>();
  catalog.watch(1, ({ version }) => resolve(version));
  await using migrator = openSqliteMigrator(folder.file);
  await migrator.walk({ to: 'base' });
  await migrator.up();
  expect(await seen).toBe(0);
});

test('processes that open a new file at the same time all find its tables', async () => {
  await using folder = await openFolder();
  const script = `
    import { openSqliteCatalog } from ${DRIVER};
    import { SYSTEM_TIME } from ${TIME};
    await using catalog = await openSqliteCatalog(${JSON.stringify(folder.file)}, SYSTEM_TIME);
    await catalog.replace({ supplies: [], bidders: [] });
  `;
  const children = Array.from({ length: 4 }, () =>
    Bun.spawn([process.execPath, '-e', script], { stderr: 'inherit' }),
  );
  expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0, 0, 0]);
  await using catalog = await openSqliteCatalog(folder.file, SYSTEM_TIME);
  expect((await catalog.load()).version).toBe(4);
});

test('a version is never used again, also after the tables were dropped and made again', async () => {
  await using folder = await openFolder();
  await using catalog = await openSqliteCatalog(folder.file, SYSTEM_TIME);
  expect(await catalog.replace({ supplies: [], bidders: [] })).toBe(1);
  expect(await catalog.replace({ supplies: [], bidders: [] })).toBe(2);
  const { promise: seen, resolve } = Promise.withResolvers<number>();
  await using migrator = openSqliteMigrator(folder.file);
  await migrator.walk({ to: 'base' });
  await migrator.up();
  expect((await catalog.load()).version).toBe(0);
  expect(await catalog.begin({ supplies: [], bidders: [] })).toBe(true);
  catalog.watch(1, ({ version }) => resolve(version));
  expect(await seen).toBe(3);
  expect(await catalog.replace({ supplies: [], bidders: [] })).toBe(4);
});

test('a catalogue whose tables are gone does not work until they are back', async () => {
  await using folder = await openFolder();
  await using catalog = await openSqliteCatalog(folder.file, SYSTEM_TIME);
  catalog.watch(0, () => {});
  await using migrator = openSqliteMigrator(folder.file);
  const until = async (isWorking: boolean) => {
    while (catalog.isWorking() !== isWorking) await Bun.sleep(10);
  };
  await migrator.walk({ to: 'base' });
  await until(false);
  await migrator.up();
  await until(true);
});
