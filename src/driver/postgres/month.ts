/**
 * The monthly partitions of an archive's tables, made when the first event of a month comes.
 *
 * A partition is made beside its table and then attached, which holds up neither reads nor appends;
 * archivers that make the same one wait for each other. A month that is dropped for good is forgotten
 * with `forget`: an event that comes for it again makes it anew.
 */
import { sql } from 'kysely';
import type { ArchiveDatabase, ArchiveTransaction } from './archive-database.ts';

/** Of `pg_advisory_xact_lock`: any number that nothing else of Gavel takes. */
const LOCK = 4_738_101;
/** More months than an archive has; a clock that errs does not make the list grow. */
const MOST_KNOWN = 10_000;
const TIME_RANGE_MS = { first: Date.UTC(1970, 0), end: Date.UTC(9999, 11) };

export type Months = {
  /** Makes what is missing for events of these times. */
  ensure(timesMs: readonly number[]): Promise<void>;
  forget(): void;
};

export function createMonths(database: ArchiveDatabase, tables: readonly string[]): Months {
  const known = new Set<string>();

  async function make(month: string): Promise<void> {
    await database.write(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
      for (const table of tables) await makePartition(transaction, table, month);
    });
    if (known.size >= MOST_KNOWN) known.clear();
    known.add(month);
  }

  return {
    ensure: async (timesMs) => {
      const missing = new Set(timesMs.flatMap(monthOf).filter((month) => !known.has(month)));
      for (const month of missing) await make(month);
    },
    forget: () => known.clear(),
  };
}

/** A month as `2026-11`, in UTC; none of a time that is none or has no month to be kept in. */
export function monthOf(timeMs: number): string[] {
  const isTime = timeMs >= TIME_RANGE_MS.first && timeMs < TIME_RANGE_MS.end;
  return isTime ? [new Date(timeMs).toISOString().slice(0, 7)] : [];
}

async function makePartition(
  transaction: ArchiveTransaction,
  table: string,
  month: string,
): Promise<void> {
  const name = `${table}_${month.replace('-', '_')}`;
  const { rows } = await sql<{ found: string | null }>`
    select to_regclass(${name})::text as found`.execute(transaction);
  if (rows[0]?.found !== null) return;
  const first = new Date(`${month}-01T00:00:00Z`);
  const next = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1));
  await sql`create table ${sql.id(name)} (like ${sql.id(table)} including all)`.execute(
    transaction,
  );
  await sql`
    alter table ${sql.id(table)} attach partition ${sql.id(name)}
    for values from (${sql.lit(first.toISOString())}) to (${sql.lit(next.toISOString())})
  `.execute(transaction);
}
