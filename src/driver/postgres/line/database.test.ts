import { beforeAll, describe, expect, test } from 'bun:test';
import { sql } from 'kysely';
import { direct, pooled, SERVERS_START_MS } from '../../../../test/support/postgres-store.ts';
import { sharedPgBouncer } from '../../../../test/support/servers.ts';
import { SYSTEM_TIME } from '../../../../test/support/system-time.ts';
import { openPostgres } from './database.ts';

beforeAll(async () => {
  await sharedPgBouncer();
}, SERVERS_START_MS);

for (const [way, reach] of Object.entries({ direct, 'through PgBouncer': pooled })) {
  describe(`a pool of PostgreSQL, ${way}`, () => {
    const open = async (statementTimeoutMs: number | null = 5_000) =>
      openPostgres<unknown>(await reach('postgres'), {
        connections: 1,
        statementTimeoutMs,
        ...SYSTEM_TIME,
      });

    test('ends a statement that takes too long, and stays usable', async () => {
      await using database = await open(100);
      const { db } = database;
      const slow = db.transaction().execute((within) => sql`select pg_sleep(20)`.execute(within));
      await expect(slow).rejects.toThrow('statement timeout');
      const { rows } = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(db);
      expect(rows).toEqual([{ statement_timeout: '0' }]);
    });

    test('returns whole numbers exactly or not at all', async () => {
      await using database = await open();
      const most = Number.MAX_SAFE_INTEGER;
      const { rows } = await sql<{ most: number }>`select ${most}::bigint as most`.execute(
        database.db,
      );
      expect(rows).toEqual([{ most }]);
      const beyond = sql`select 9007199254740993::bigint as beyond`.execute(database.db);
      await expect(beyond).rejects.toThrow('not a safe whole number');
    });

    test('goes on when the server ends its only connection', async () => {
      await using database = await open();
      const { db } = database;
      const end = sql`select pg_terminate_backend(pg_backend_pid())`.execute(db);
      await expect(end).rejects.toThrow();
      const { rows } = await sql<{ one: number }>`select 1 as one`.execute(db);
      expect(rows).toEqual([{ one: 1 }]);
    });
  });
}

test('without a server each call rejects, and closing is quick', async () => {
  const options = { connections: 1, statementTimeoutMs: 1_000, ...SYSTEM_TIME };
  const database = openPostgres<unknown>('postgres://nobody@127.0.0.1:1/nothing', options);
  await expect(sql`select 1`.execute(database.db)).rejects.toThrow();
  expect(database.isUp()).toBe(false);
  await database[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
