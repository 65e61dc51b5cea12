import { beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import {
  direct,
  newDatabase,
  newMigratedDatabase,
  pooled,
  type Reach,
  SERVERS_START_MS,
} from '../../../test/support/postgres-store.ts';
import { sharedPgBouncer } from '../../../test/support/servers.ts';
import { SYSTEM_TIME } from '../../../test/support/system-time.ts';
import {
  catalogContract,
  type SharedCatalogStore,
  sharedCatalogContract,
} from '../../exchange/port/catalog.contract.ts';
import { openPostgresCatalog, openPostgresMigrator } from './catalog.ts';

const DRIVER = JSON.stringify(join(import.meta.dirname, 'catalog.ts'));
const SUPPORT = join(import.meta.dirname, '../../../test/support');
const TIME = JSON.stringify(join(SUPPORT, 'system-time.ts'));
const REPLACE_ELSEWHERE = `
  import { openPostgresCatalog } from ${DRIVER};
  import { SYSTEM_TIME } from ${TIME};
  const { url, contents } = await Bun.stdin.json();
  await using catalog = await openPostgresCatalog(url, SYSTEM_TIME);
  for (const content of contents) await catalog.replace(content);
`;

async function openStore(reach: Reach): Promise<SharedCatalogStore> {
  const url = await reach(await newMigratedDatabase());
  return {
    open: () => openPostgresCatalog(url, SYSTEM_TIME),
    async replaceElsewhere(contents) {
      const child = Bun.spawn([process.execPath, '-e', REPLACE_ELSEWHERE], {
        stdin: new Blob([JSON.stringify({ url, contents })]),
        stdout: 'inherit',
        stderr: 'inherit',
      });
      expect(await child.exited).toBe(0);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

beforeAll(async () => {
  await sharedPgBouncer();
}, SERVERS_START_MS);

catalogContract('PostgreSQL', () => openStore(direct));
sharedCatalogContract('PostgreSQL', () => openStore(direct));
catalogContract('PostgreSQL through PgBouncer', () => openStore(pooled));
sharedCatalogContract('PostgreSQL through PgBouncer', () => openStore(pooled));

test('nodes that open a new database at the same time all find its tables', async () => {
  const url = await direct(await newDatabase());
  const catalogs = await Promise.all(
    Array.from({ length: 6 }, () => openPostgresCatalog(url, SYSTEM_TIME)),
  );
  await Promise.all(catalogs.map((catalog) => catalog.replace({ supplies: [], bidders: [] })));
  expect((await catalogs[0]?.load())?.version).toBe(6);
  await Promise.all(catalogs.map((catalog) => catalog[Symbol.asyncDispose]()));
});

test('a watcher survives tables that are dropped and recreated', async () => {
  const url = await direct(await newDatabase());
  await using catalog = await openPostgresCatalog(url, SYSTEM_TIME);
  await catalog.replace({ supplies: [], bidders: [{ id: 'old', country: null }] });
  const { promise: seen, resolve } = Promise.withResolvers<number>();
  catalog.watch(1, ({ version }) => resolve(version));
  await using migrator = openPostgresMigrator(url, SYSTEM_TIME);
  await migrator.walk({ to: 'base' });
  await migrator.up();
  expect(await seen).toBe(0);
});

test('a version is never used again, also after the tables were dropped and made again', async () => {
  const url = await direct(await newDatabase());
  await using catalog = await openPostgresCatalog(url, SYSTEM_TIME);
  expect(await catalog.replace({ supplies: [], bidders: [] })).toBe(1);
  expect(await catalog.replace({ supplies: [], bidders: [] })).toBe(2);
  const { promise: seen, resolve } = Promise.withResolvers<number>();
  await using migrator = openPostgresMigrator(url, SYSTEM_TIME);
  await migrator.walk({ to: 'base' });
  await migrator.up();
  expect((await catalog.load()).version).toBe(0);
  expect(await catalog.begin({ supplies: [], bidders: [] })).toBe(true);
  catalog.watch(1, ({ version }) => resolve(version));
  expect(await seen).toBe(3);
  expect(await catalog.replace({ supplies: [], bidders: [] })).toBe(4);
});

test('a catalogue whose tables are gone does not work until they are back', async () => {
  const url = await direct(await newDatabase());
  await using catalog = await openPostgresCatalog(url, SYSTEM_TIME);
  catalog.watch(0, () => {});
  await using migrator = openPostgresMigrator(url, SYSTEM_TIME);
  const until = async (isWorking: boolean) => {
    while (catalog.isWorking() !== isWorking) await Bun.sleep(10);
  };
  await migrator.walk({ to: 'base' });
  await until(false);
  await migrator.up();
  await until(true);
});
