/**
 * The spool in SQLite: one row a group commit, holding that commit's events in columns.
 *
 * A row of many events costs what a row of one costs, which is what keeps the spool off the
 * auction's path. Rows are found by position (the key) and by auction id (a row knows the least and
 * the greatest of its ids, and ids sort by time). When the rows hold more than `maxBytes` the oldest
 * go. Events that wait while SQLite refuses to commit are dropped together, and counted, when they
 * exceed `pendingBytes`.
 */
import { Database } from 'bun:sqlite';
import type { Timers } from '../../../core/timer.ts';
import type { Spool, SpoolEntry } from '../../../exchange/port/spool.ts';
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import {
  createEventBatch,
  type EventColumns,
  readEventColumns,
} from '../../../exchange/rule/event-batch.ts';
import { withFileNamed } from '../file/file-fault.ts';
import { SQLITE_LIMIT } from '../file/limit.ts';
import { createWaitingReaders } from '../file/waiting-readers.ts';
import type { GroupCommit, Settle } from './group-commit.ts';
import { createSpoolReader } from './spool-reader.ts';

/** A commit that is this large gains nothing by waiting for more. */
const COMMIT_SOON_BYTES = 256 * 1024;

export type SqliteSpoolParts = {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly timers: Timers;
  readonly maxBytes: number;
  /** Bytes that may wait for a commit: beyond it events are counted, not kept. */
  readonly pendingBytes?: number;
};

export type SqliteSpool = Spool & {
  /** The position of the newest event, kept or pending; 0 before the first. */
  lastPosition(): number;
  /** Bytes of the events that this process has committed or is committing. */
  writtenBytes(): number;
  /** Events that were not kept because SQLite did not keep up. */
  droppedEvents(): number;
};

export function createSqliteSpool(parts: SqliteSpoolParts): SqliteSpool {
  const { database, commit, timers, maxBytes } = parts;
  const { pendingBytes = SQLITE_LIMIT.spoolPendingBytes } = parts;
  const rows = batchRows(database, maxBytes);
  const waiting = createWaitingReaders(timers);
  const pending = createEventBatch();
  let leastId = '';
  let greatestId = '';
  let position = rows.lastPosition();
  let committed = 0;
  let dropped = 0;

  function append(event: AuctionEvent): number {
    const { auctionId } = event;
    if (pending.bytes() > pendingBytes) {
      dropped += pending.count();
      pending.clear();
    }
    if (pending.count() === 0) leastId = greatestId = auctionId;
    else if (auctionId > greatestId) greatestId = auctionId;
    else if (auctionId < leastId) leastId = auctionId;
    pending.add(event);
    commit.request(pending.bytes() > COMMIT_SOON_BYTES ? 'soon' : undefined);
    return ++position;
  }

  function write(): Settle | undefined {
    if (pending.count() === 0) return undefined;
    const bytes = pending.bytes();
    const firstPosition = position - pending.count() + 1;
    const keptBytes = rows.insert({
      firstPosition,
      lastPosition: position,
      leastId,
      greatestId,
      bytes,
      ...pending.columns(),
    });
    return (isCommitted) => {
      if (!isCommitted) return;
      rows.keep(keptBytes);
      committed += bytes;
      pending.clear();
      waiting.wake();
    };
  }

  function read(afterPosition: number): Iterable<SpoolEntry> {
    commit.flush();
    return rows.read(afterPosition);
  }

  commit.join({ write });
  return {
    append,
    find: async (auctionId) => {
      commit.flush();
      return findAuction(database, auctionId);
    },
    read,
    flush: async () => commit.flush(),
    reader: (name, onLost) => {
      const lastPosition = () => position;
      return createSpoolReader(name, { database, commit, waiting, read, lastPosition, onLost });
    },
    lastPosition: () => position,
    writtenBytes: () => committed + pending.bytes(),
    droppedEvents: () => dropped,
  };
}

/** Reads one auction of a file that another process may be writing; null when it is not there. */
export function readSpooledAuction(path: string, auctionId: string): AuctionEvent | null {
  return withFileNamed(path, () => {
    using database = new Database(path, { readonly: true, strict: true });
    return findAuction(database, auctionId);
  });
}

function findAuction(database: Database, auctionId: string): AuctionEvent | null {
  const rows = database.query<BatchRow, [string]>(
    `select first_position, ids, names, numbers from spool_batch
     where least_id <= ?1 and greatest_id >= ?1`,
  );
  for (const row of rows.all(auctionId)) {
    for (const event of readEventColumns(row)) if (event.auctionId === auctionId) return event;
  }
  return null;
}

type Batch = EventColumns & {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly leastId: string;
  readonly greatestId: string;
  readonly bytes: number;
};

type BatchRow = EventColumns & { readonly first_position: number };

function batchRows(database: Database, maxBytes: number) {
  const insertRow = database.query(
    `insert into spool_batch
       (first_position, last_position, least_id, greatest_id, bytes, ids, names, numbers)
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
  );
  // The newest row stays whatever its size: the next process reads the last position from it.
  const deleteOldest = database.query<{ bytes: number }, [number]>(
    `delete from spool_batch where first_position = (select min(first_position) from spool_batch)
     and first_position < ?1 returning bytes`,
  );
  const nextRow = database.query<BatchRow, [number]>(
    `select first_position, ids, names, numbers from spool_batch where last_position > ?1
     order by first_position limit 1`,
  );
  const summary = database.query<{ last: number | null; bytes: number | null }, []>(
    'select max(last_position) as last, sum(bytes) as bytes from spool_batch',
  );
  let kept = summary.get()?.bytes ?? 0;

  /** @returns the bytes that the rows hold once this is committed. */
  function insert(batch: Batch): number {
    const { firstPosition, lastPosition, leastId, greatestId, bytes, ids, names, numbers } = batch;
    insertRow.run(firstPosition, lastPosition, leastId, greatestId, bytes, ids, names, numbers);
    let keptAfter = kept + bytes;
    while (keptAfter > maxBytes) {
      const oldest = deleteOldest.get(firstPosition);
      if (oldest === null) break;
      keptAfter -= oldest.bytes;
    }
    return keptAfter;
  }

  function keep(bytes: number): void {
    kept = bytes;
  }

  function* read(afterPosition: number): Iterable<SpoolEntry> {
    let after = afterPosition;
    for (let row = nextRow.get(after); row !== null; row = nextRow.get(after)) {
      let position = row.first_position;
      for (const event of readEventColumns(row)) {
        if (position > after) yield { position, event };
        position++;
      }
      after = position - 1;
    }
  }

  return { insert, keep, read, lastPosition: () => summary.get()?.last ?? 0 };
}
