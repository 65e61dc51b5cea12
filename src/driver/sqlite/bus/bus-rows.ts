/** The rows of the embedded bus: one per published batch, and how far each durable name has come. */
import type { Database } from 'bun:sqlite';
import { present } from '../../../core/assert.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

export const BUS_TABLES = [
  `create table if not exists bus_batch (
    position integer primary key autoincrement,
    event_count integer not null,
    events text not null
  )`,
  `create table if not exists bus_cursor (
    name text primary key,
    position integer not null
  ) without rowid`,
  `create table if not exists bus_dead_letter (
    position integer primary key,
    event text not null
  )`,
];

const TRIMMED_ROWS_PER_COMMIT = 256;

export type BusBatch = { readonly position: number; readonly events: readonly ItemEvent[] };

export type BusRows = ReturnType<typeof createBusRows>;

export function createBusRows(database: Database) {
  const insert = database.query('insert into bus_batch (event_count, events) values (?1, ?2)');
  const after = database.query<{ position: number; events: string }, [number]>(
    'select position, events from bus_batch where position > ?1 order by position limit 1',
  );
  const last = database.query<{ seq: number }, []>(
    `select seq from sqlite_sequence where name = 'bus_batch'`,
  );
  const count = database.query<{ events: number }, []>(
    'select coalesce(sum(event_count), 0) as events from bus_batch',
  );
  const trim = database.query<{ event_count: number }, []>(
    `delete from bus_batch where position in (
       select position from bus_batch
       where position <= (select min(position) from bus_cursor)
       order by position limit ${TRIMMED_ROWS_PER_COMMIT})
     returning event_count`,
  );
  const writeCursor = database.query(
    `insert into bus_cursor (name, position) values (?1, ?2)
     on conflict (name) do update set position = excluded.position`,
  );
  const insertDeadLetter = database.query('insert into bus_dead_letter (event) values (?1)');
  const countDeadLetters = database.query<{ letters: number }, []>(
    'select count(*) as letters from bus_dead_letter',
  );
  const cursors = database.query<{ name: string; position: number }, []>(
    'select name, position from bus_cursor',
  );

  return {
    insert: (events: readonly ItemEvent[]): number =>
      Number(insert.run(events.length, JSON.stringify(events)).lastInsertRowid),
    after: (position: number): BusBatch | null => {
      const row = after.get(position);
      if (row === null) return null;
      return { position: row.position, events: JSON.parse(row.events) as ItemEvent[] };
    },
    lastPosition: (): number => last.get()?.seq ?? 0,
    eventCount: (): number => present(count.get(), 'the count of events').events,
    /** @returns how many events went. */
    trim: (): number => trim.all().reduce((sum, row) => sum + row.event_count, 0),
    writeCursor: (name: string, position: number): void => {
      writeCursor.run(name, position);
    },
    putAside: (events: readonly ItemEvent[]): void => {
      for (const event of events) insertDeadLetter.run(JSON.stringify(event));
    },
    deadLetters: (): number => present(countDeadLetters.get(), 'the count of dead letters').letters,
    cursors: () => new Map(cursors.all().map(({ name, position }) => [name, position])),
  };
}
