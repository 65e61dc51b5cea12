import { expect, test } from 'bun:test';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { CATALOG_WATCH_MS } from '../../exchange/port/catalog.ts';
import { openSqlite } from '../sqlite/file/database.ts';
import { createSqliteKysely } from '../sqlite/file/kysely.ts';
import { createSqlCatalog } from './catalog.ts';
import { createCatalogMigrator } from './table/migrator.ts';
import type { Tables } from './table/tables.ts';

test('a watch looks four times as often as promised, and reports each version once', async () => {
  const { timers, advance } = createManualTime();
  const db = createSqliteKysely<Tables>(openSqlite(':memory:'));
  await createCatalogMigrator(db).up();
  await using catalog = createSqlCatalog(db, { timers });
  const seen: number[] = [];
  const end = catalog.watch(0, ({ version }) => seen.push(version));
  async function look(): Promise<void> {
    advance(CATALOG_WATCH_MS / 4);
    // After all queries of a look.
    await catalog.load();
    await catalog.load();
  }
  await look();
  expect(seen).toEqual([]);
  await catalog.replace({ supplies: [], bidders: [] });
  for (let looks = 0; looks < 4; looks++) await look();
  expect(seen).toEqual([1]);
  await catalog.replace({ supplies: [], bidders: [] });
  for (let looks = 0; looks < 4; looks++) await look();
  expect(seen).toEqual([1, 2]);
  end();
  await catalog.replace({ supplies: [], bidders: [] });
  for (let looks = 0; looks < 4; looks++) await look();
  expect(seen).toEqual([1, 2]);
});
