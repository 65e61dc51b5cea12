/** The batches of the outbox, one a commit: as rows, and the newest of them in memory too. */
import type { Database } from 'bun:sqlite';
import { present } from '../../../core/assert.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

export const OUTBOX_TABLES = [
  `create table if not exists outbox_batch (
    last_position integer primary key,
    first_position integer not null,
    events text not null
  )`,
  `create table if not exists outbox_ack (
    one integer primary key check (one = 1),
    position integer not null
  )`,
];

const TRIMMED_ROWS_PER_COMMIT = 256;

/** Events of one commit: `first` is the position of the first of them. */
export type OutboxBatch = { readonly first: number; readonly events: readonly ItemEvent[] };

/** How the book puts its events into the outbox. */
export type OutboxWriter = {
  /** Events that are committed and not acked. */
  backlogCount(): number;
  /** Writes the events of a commit, inside its transaction. */
  write(events: readonly ItemEvent[]): void;
  /** Reports whether that commit held. */
  settle(held: boolean): void;
};

/**
 * The newest batches that were not acked, as far as memory is meant for them.
 * @param mostEvents beyond it the older half goes.
 */
export function createRecentBatches(mostEvents: number) {
  let batches: OutboxBatch[] = [];
  let count = 0;

  function dropWhile(isDropped: (batch: OutboxBatch) => boolean): void {
    let dropped = 0;
    for (const batch of batches) {
      if (!isDropped(batch)) break;
      count -= batch.events.length;
      dropped++;
    }
    if (dropped > 0) batches = batches.slice(dropped);
  }

  return {
    add: (batch: OutboxBatch): void => {
      batches.push(batch);
      count += batch.events.length;
      if (count > mostEvents) dropWhile(() => count > mostEvents / 2);
    },
    dropUpTo: (position: number): void =>
      dropWhile(({ first, events }) => first + events.length - 1 <= position),
    /**
     * The batch that holds the event after `position`; undefined when it is not here. There may be
     * holes: a batch whose commit held though SQLite reported a failure is in the rows alone.
     */
    after: (position: number): OutboxBatch | undefined => {
      const next = batches.find(({ first, events }) => first + events.length - 1 > position);
      return next !== undefined && next.first <= position + 1 ? next : undefined;
    },
  };
}

type BatchRow = { readonly first_position: number; readonly events: string };

export function outboxRows(database: Database) {
  const insert = database.query(
    'insert into outbox_batch (last_position, first_position, events) values (?1, ?2, ?3)',
  );
  const after = database.query<BatchRow, [number]>(
    `select first_position, events from outbox_batch where last_position > ?1
     order by last_position limit 1`,
  );
  const last = database.query<{ position: number | null }, []>(
    'select max(last_position) as position from outbox_batch',
  );
  const trim = database.query(
    `delete from outbox_batch where last_position in (
       select last_position from outbox_batch where last_position <= ?1
       order by last_position limit ${TRIMMED_ROWS_PER_COMMIT})`,
  );
  const ack = database.query<{ position: number }, []>('select position from outbox_ack');
  const writeAck = database.query(
    `insert into outbox_ack (one, position) values (1, ?1)
     on conflict (one) do update set position = excluded.position`,
  );
  // A lagging reader asks for parts of one row again and again: it is parsed once.
  let parsed: OutboxBatch | null = null;

  return {
    insert: ({ first, events }: OutboxBatch): void => {
      insert.run(first + events.length - 1, first, JSON.stringify(events));
    },
    after: (position: number): OutboxBatch | null => {
      if (parsed !== null && holds(parsed, position + 1)) return parsed;
      const row = after.get(position);
      if (row === null) return null;
      parsed = { first: row.first_position, events: JSON.parse(row.events) as ItemEvent[] };
      return parsed;
    },
    trim: (position: number): void => {
      trim.run(position);
    },
    writeAck: (position: number): void => {
      writeAck.run(position);
    },
    lastPosition: (): number => present(last.get(), 'the last position').position ?? 0,
    ackedPosition: (): number => ack.get()?.position ?? 0,
  };
}

function holds({ first, events }: OutboxBatch, position: number): boolean {
  return position >= first && position < first + events.length;
}
