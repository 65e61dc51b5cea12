/**
 * Of which book a file holds events, and the last of them: what shows at a start that the book's file is
 * an older copy, or another.
 *
 * Events reach a file in the order in which the book made them, so a book that has made the last has made
 * them all.
 */
import type { Database } from 'bun:sqlite';
import type { ItemEvent } from '../../../live/rule/item.ts';

export const LINEAGE_TABLES = [
  `create table if not exists lineage (
    one integer primary key check (one = 1),
    id text not null
  )`,
  `create table if not exists lineage_last (
    one integer primary key check (one = 1),
    item_id text not null,
    epoch text not null,
    seq integer not null
  )`,
];

export type LastEvent = Pick<ItemEvent, 'itemId' | 'epoch' | 'seq'>;

export type FollowerLineage = {
  /** The file, as a person knows it. */
  readonly name: string;
  /** Null before it was given one. */
  id(): string | null;
  give(id: string): void;
  /** Null when it holds none, or none that it still answers for. */
  last(): LastEvent | null;
  holdsEvents(): boolean;
  /** Written inside the transaction that takes the event. */
  note(event: LastEvent): void;
  forgetLast(): void;
};

/** @param anyEvent a query that finds a row when the file holds events. */
export function createFollowerLineage(
  database: Database,
  { name, anyEvent }: { readonly name: string; readonly anyEvent: string },
): FollowerLineage {
  const { id, give } = lineageRow(database);
  const select = database.query<{ item_id: string; epoch: string; seq: number }, []>(
    'select item_id, epoch, seq from lineage_last',
  );
  const note = database.query(
    'insert or replace into lineage_last (one, item_id, epoch, seq) values (1, ?1, ?2, ?3)',
  );
  return {
    name,
    id,
    give,
    last: () => {
      const row = select.get();
      return row === null ? null : { itemId: row.item_id, epoch: row.epoch, seq: row.seq };
    },
    holdsEvents: () => select.get() !== null || database.query(anyEvent).get() !== null,
    note: ({ itemId, epoch, seq }) => {
      note.run(itemId, epoch, seq);
    },
    forgetLast: () => {
      database.run('delete from lineage_last');
    },
  };
}

/** The one row that says which book a file belongs to. */
export function lineageRow(database: Database) {
  const select = database.query<{ id: string }, []>('select id from lineage');
  const write = database.query('insert or replace into lineage (one, id) values (1, ?1)');
  return {
    id: (): string | null => select.get()?.id ?? null,
    give: (id: string): void => {
      write.run(id);
    },
  };
}
