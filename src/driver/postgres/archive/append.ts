/**
 * Appends a batch that may contain events that PostgreSQL can never take.
 *
 * All in one transaction: a batch that is refused for its data is rolled back and halved, until the
 * bad events are alone. So one bad event in a thousand costs about twenty extra statements.
 */
import { sql } from 'kysely';
import { UnusableEventsError } from '../../../flow/bus.ts';
import {
  type ArchiveDatabase,
  type ArchiveTransaction,
  isDataFault,
  isMonthMissing,
} from './archive-database.ts';
import { makeMonths, monthOf } from './partition.ts';

type Dated = { readonly atMs: number };

export type AppendParts<Event> = {
  readonly database: ArchiveDatabase;
  /** The tables with a partition per month. */
  readonly tables: readonly string[];
  readonly insert: (transaction: ArchiveTransaction, events: readonly Event[]) => Promise<unknown>;
  readonly idOf: (event: Event) => string;
};

/** @throws UnusableEventsError with the bad events, after storing the others */
export async function appendUsable<Event extends Dated>(
  parts: AppendParts<Event>,
  events: readonly Event[],
): Promise<void> {
  if (events.length === 0) return;
  const { database, tables, idOf } = parts;
  const dated = events.filter(({ atMs }) => monthOf(atMs).length > 0);
  const undated = events.filter(({ atMs }) => monthOf(atMs).length === 0);
  const refused = await store(parts, dated).catch(async (error) => {
    if (!isMonthMissing(error)) throw error;
    const times = dated.map(({ atMs }) => atMs);
    await makeMonths(database, tables, times);
    return store(parts, dated);
  });
  const bad = [...undated, ...refused];
  if (bad.length > 0) throw new UnusableEventsError(bad.map(idOf));
}

/** @returns the events that were refused; the others are stored. */
async function store<Event extends Dated>(
  { database, insert }: AppendParts<Event>,
  events: readonly Event[],
): Promise<Event[]> {
  return database.write((transaction) => {
    async function storeSome(some: readonly Event[]): Promise<Event[]> {
      if (some.length === 0) return [];
      await sql`savepoint part`.execute(transaction);
      try {
        await insert(transaction, some);
        await sql`release savepoint part`.execute(transaction);
        return [];
      } catch (error) {
        if (!isDataFault(error)) throw error;
        await sql`rollback to savepoint part`.execute(transaction);
        if (some.length === 1) return [...some];
      }
      const half = Math.ceil(some.length / 2);
      return [...(await storeSome(some.slice(0, half))), ...(await storeSome(some.slice(half)))];
    }
    return storeSome(events);
  });
}
