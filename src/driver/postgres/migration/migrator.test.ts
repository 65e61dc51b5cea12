import { beforeAll, describe, expect, test } from 'bun:test';
import { SQL } from 'bun';
import { Kysely, sql } from 'kysely';
import { Pool } from 'pg';
import { until } from '../../../../deploy/local/until.ts';
import { createManualTime, untilTurned } from '../../../../test/support/manual-timers.ts';
import {
  direct,
  newDatabase,
  pooled,
  SERVERS_START_MS,
} from '../../../../test/support/postgres-store.ts';
import { sharedPgBouncer } from '../../../../test/support/servers.ts';
import { SYSTEM_TIME } from '../../../../test/support/system-time.ts';
import { BASE_REVISION } from '../../sql/table/revision.ts';
import { openPostgresMigrator } from '../catalog.ts';
import { openPostgres } from '../line/database.ts';
import { MigrationDialect } from '../line/migration-dialect.ts';

beforeAll(async () => {
  await sharedPgBouncer();
}, SERVERS_START_MS);

/** Every column and index except those of the history itself. */
async function readSchema(url: string): Promise<unknown[]> {
  await using client = new SQL(url);
  const columns = await client`
    select table_name, column_name, data_type, is_nullable from information_schema.columns
    where table_schema = 'public' and table_name not like 'kysely%' order by 1, 2`;
  const indexes = await client`
    select indexname, indexdef from pg_indexes
    where schemaname = 'public' and tablename not like 'kysely%' order by 1`;
  return [...columns, ...indexes];
}

describe('the history in PostgreSQL', () => {
  test('has the tables of the catalogue and of the archives, in one order', async () => {
    await using migrator = openPostgresMigrator(await direct(await newDatabase()), SYSTEM_TIME);
    const names = (await migrator.history()).map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    expect(names.map((name) => name.replace(/^\d+-/, ''))).toEqual([
      'catalog',
      'item-archive',
      'auction-archive',
    ]);
  });

  test('up, down and up again leaves the same schema, and down leaves none', async () => {
    const url = await direct(await newDatabase());
    await using migrator = openPostgresMigrator(url, SYSTEM_TIME);
    await migrator.up();
    const schema = await readSchema(url);
    expect(schema).not.toBeEmpty();
    await migrator.walk({ to: BASE_REVISION });
    expect(await readSchema(url)).toEqual([]);
    await migrator.up();
    expect(await readSchema(url)).toEqual(schema);
  });

  test('every single revision can be undone and applied again', async () => {
    const url = await direct(await newDatabase());
    await using migrator = openPostgresMigrator(url, SYSTEM_TIME);
    for (const { name } of await migrator.history()) {
      const before = await readSchema(url);
      await migrator.walk({ up: 1 });
      expect(await migrator.current()).toBe(name);
      const after = await readSchema(url);
      await migrator.walk({ down: 1 });
      expect(await readSchema(url)).toEqual(before);
      await migrator.walk({ to: name });
      expect(await readSchema(url)).toEqual(after);
    }
  });

  test('is applied once by nodes that migrate at the same time', async () => {
    const url = await direct(await newDatabase());
    const migrators = Array.from({ length: 4 }, () => openPostgresMigrator(url, SYSTEM_TIME));
    const walks = await Promise.all(migrators.map((migrator) => migrator.up()));
    const revisions = (await migrators[0]?.history()) ?? [];
    expect(walks.flat()).toHaveLength(revisions.length);
    expect(revisions.every(({ appliedAt }) => appliedAt !== undefined)).toBe(true);
    await Promise.all(migrators.map((migrator) => migrator[Symbol.asyncDispose]()));
  });
});

describe('the lock of a migration', () => {
  test('is released with it, also behind a PgBouncer that others use', async () => {
    const name = await newDatabase();
    const url = await pooled(name);
    const migrators = Array.from({ length: 4 }, () => openPostgresMigrator(url, SYSTEM_TIME));
    const busy = { connections: 6, statementTimeoutMs: 5_000, ...SYSTEM_TIME };
    await using traffic = openPostgres<unknown>(url, busy);
    let isOver = false;
    const others = Array.from({ length: 6 }, async () => {
      while (!isOver) await sql`select pg_sleep(0.002)`.execute(traffic.db);
    });
    try {
      for (let round = 0; round < 12; round++) {
        const walks = migrators.map((it) =>
          round % 2 === 0 ? it.up() : it.walk({ to: BASE_REVISION }),
        );
        const steps = (await Promise.all(walks)).flat();
        expect(steps).toHaveLength(((await migrators[0]?.history()) ?? []).length);
      }
    } finally {
      isOver = true;
      await Promise.all(others);
    }
    await using client = new SQL(await direct(name));
    expect([
      ...(await client`
        select * from pg_locks join pg_database on pg_database.oid = database
        where locktype = 'advisory' and datname = ${name}`),
    ]).toEqual([]);
    await Promise.all(migrators.map((migrator) => migrator[Symbol.asyncDispose]()));
  });

  test('is waited for with a bound, and outside of a transaction', async () => {
    const name = await newDatabase();
    const pool = new Pool({ connectionString: await direct(name) });
    await using desk = new SQL(await direct('postgres'));
    const time = createManualTime();
    await using db = new Kysely<unknown>({ dialect: new MigrationDialect({ pool }, time) });
    const migrate = () => db.transaction().execute(async () => undefined);
    await db.transaction().execute(async () => {
      let refusal: unknown;
      const second = migrate().catch((error) => {
        refusal = error;
      });
      // Only the holder of the lock is in a transaction.
      await until('the other is idle', async () => {
        const rows = await desk`select state from pg_stat_activity where datname = ${name}`;
        return Bun.deepEquals(rows.map(({ state }: { state: string }) => state).toSorted(), [
          'idle',
          'idle in transaction',
        ]);
      });
      await untilTurned(time, 'it has waited long enough', async () => refusal !== undefined);
      await second;
      expect(`${refusal}`).toContain('another process is migrating: waited 10000 ms for it');
      expect(time.clock.elapsedMs()).toBeGreaterThan(10_000);
    });
    await migrate();
  });

  test('lifts the statement timeout of the database', async () => {
    const name = await newDatabase();
    await using desk = new SQL(await direct('postgres'));
    await desk.unsafe(`alter database ${name} set statement_timeout = '50ms'`);
    const limit = { connections: 1, statementTimeoutMs: null, ...SYSTEM_TIME };
    await using database = openPostgres<unknown>(await direct(name), limit);
    await database.db.transaction().execute((within) => sql`select pg_sleep(0.2)`.execute(within));
  });
});
