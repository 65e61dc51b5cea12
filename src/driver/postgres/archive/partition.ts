/**
 * The monthly partitions of an archive's tables, created for the first event of a month.
 *
 * A partition is created as a table and then attached, which blocks neither reads nor appends;
 * archivers that create the same one wait for each other. A month whose table was detached and kept
 * gets a new table under another name (`item_event_2026_11_2`): the detached one is left as it is.
 */
import { sql } from 'kysely';
import { DatabaseError } from 'pg';
import type { ArchiveDatabase, ArchiveTransaction } from './archive-database.ts';

/** The key of `pg_advisory_xact_lock`: any number that Gavel uses for nothing else. */
const LOCK = 4_738_101;
const TIME_RANGE_MS = { first: Date.UTC(1970, 0), end: Date.UTC(9999, 11) };
/** The SQLSTATE when a partition would overlap another. */
const OVERLAP = '42P17';

/** Creates the missing partitions of these tables for events of these times. */
export async function makeMonths(
  database: ArchiveDatabase,
  tables: readonly string[],
  timesMs: readonly number[],
): Promise<void> {
  for (const month of new Set(timesMs.flatMap(monthOf))) {
    await database.write(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
      for (const table of tables) await makeMonth(transaction, table, month);
    });
  }
}

/**
 * A month as `2026-11`, in UTC; undefined for an invalid time or one without a possible partition.
 */
export function monthOf(timeMs: number): string[] {
  const isTime = timeMs >= TIME_RANGE_MS.first && timeMs < TIME_RANGE_MS.end;
  return isTime ? [new Date(timeMs).toISOString().slice(0, 7)] : [];
}

async function makeMonth(
  transaction: ArchiveTransaction,
  table: string,
  month: string,
): Promise<void> {
  const usual = `${table}_${month.replace('-', '_')}`;
  for (let place = 1; ; place++) {
    const name = place === 1 ? usual : `${usual}_${place}`;
    const { rows } = await sql<{ attached: boolean }>`
      select relispartition as attached from pg_class where oid = to_regclass(${name})
    `.execute(transaction);
    if (rows[0]?.attached) return;
    if (rows[0] === undefined) return makePartition(transaction, { table, name, month });
  }
}

type Partition = { readonly table: string; readonly name: string; readonly month: string };

async function makePartition(
  transaction: ArchiveTransaction,
  { table, name, month }: Partition,
): Promise<void> {
  const first = new Date(`${month}-01T00:00:00Z`);
  const next = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1));
  await sql`savepoint partition`.execute(transaction);
  try {
    await sql`create table ${sql.id(name)} (like ${sql.id(table)} including all)`.execute(
      transaction,
    );
    await sql`
      alter table ${sql.id(table)} attach partition ${sql.id(name)}
      for values from (${sql.lit(first.toISOString())}) to (${sql.lit(next.toISOString())})
    `.execute(transaction);
  } catch (error) {
    // The month is in a partition of another name, such as that of a whole year.
    if (!(error instanceof DatabaseError) || error.code !== OVERLAP) throw error;
    await sql`rollback to savepoint partition`.execute(transaction);
  }
}
