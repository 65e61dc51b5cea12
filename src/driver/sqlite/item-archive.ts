/**
 * The archive in a SQLite file of its own: one row per event, found by item, epoch and seq.
 *
 * The newest epoch of an item is the one whose first event arrived last. A fault of the file or its
 * disk rejects with `ArchiveUnavailableError`.
 */
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import type { Archive, HistoryPage } from '../../live/port/item-archive.ts';
import type { ItemEvent } from '../../live/rule/item.ts';
import { wrapFaults } from './file/database.ts';
import { openServedFile } from './file/served-file.ts';
import {
  createFollowerLineage,
  type FollowerLineage,
  LINEAGE_TABLES,
} from './lineage/follower-lineage.ts';

const TABLES = [
  ...LINEAGE_TABLES,
  `create table if not exists archive_epoch (
    arrival integer primary key,
    item_id text not null,
    epoch text not null,
    unique (item_id, epoch)
  )`,
  `create table if not exists archive_event (
    item_id text not null,
    epoch text not null,
    seq integer not null,
    event_id text not null unique,
    event text not null,
    primary key (item_id, epoch, seq)
  ) without rowid`,
];

type EventRow = { readonly event: string };

export type SqliteArchive = Archive & { readonly lineage: FollowerLineage };

/** @param path a file in an existing folder, or `:memory:` */
export function openSqliteArchive(path: string): SqliteArchive {
  const file = openServedFile(path, { version: 1, create: TABLES });
  const { database } = file;
  const lineage = createFollowerLineage(database, {
    name: 'archive.db',
    anyEvent: 'select 1 from archive_event limit 1',
  });
  const insertEpoch = database.query(
    'insert or ignore into archive_epoch (item_id, epoch) values (?1, ?2)',
  );
  const insertEvent = database.query(
    `insert or ignore into archive_event (item_id, epoch, seq, event_id, event)
     values (?1, ?2, ?3, ?4, ?5)`,
  );
  const newestEpoch = database.query<{ epoch: string }, [string]>(
    'select epoch from archive_epoch where item_id = ?1 order by arrival desc limit 1',
  );
  const selectEvents = database.query<EventRow, [string, string, number, number]>(
    `select event from archive_event where item_id = ?1 and epoch = ?2 and seq > ?3
     order by seq limit ?4`,
  );
  const insertAll = database.transaction((events: readonly ItemEvent[]) => {
    let previous: ItemEvent | undefined;
    let newest: ItemEvent | undefined;
    for (const event of events) {
      const { itemId, epoch, seq, eventId } = event;
      if (!isSameEpoch(previous, event)) insertEpoch.run(itemId, epoch);
      previous = event;
      const { changes } = insertEvent.run(itemId, epoch, seq, eventId, JSON.stringify(event));
      if (changes > 0) newest = event;
    }
    if (newest !== undefined) lineage.note(newest);
  });

  function readRows({ itemId, epoch, afterSeq, limit }: HistoryPage): EventRow[] {
    const wanted = epoch ?? newestEpoch.get(itemId)?.epoch;
    return wanted === undefined ? [] : selectEvents.all(itemId, wanted, afterSeq, limit);
  }

  return {
    append: async (events) => wrapFaults(() => insertAll.immediate(events), unavailable),
    read: async (page) => {
      const rows = wrapFaults(() => readRows(page), unavailable);
      return rows.map(({ event }) => JSON.parse(event) as ItemEvent);
    },
    lineage,
    [Symbol.asyncDispose]: async () => file.close(),
  };
}

function unavailable(cause: unknown): ArchiveUnavailableError {
  return new ArchiveUnavailableError('the file of the archive cannot be used', { cause });
}

function isSameEpoch(left: ItemEvent | undefined, right: ItemEvent): boolean {
  return left?.itemId === right.itemId && left.epoch === right.epoch;
}
