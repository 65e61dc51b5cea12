/**
 * The spool in SQLite: one row a group commit, holding that commit's events as lines of text.
 *
 * A row of many events costs what a row of one costs, which is what keeps the spool off the
 * auction's path. Rows are found by position (the key) and by auction id (a row knows the least and
 * the greatest of its ids, and ids sort by time). When the rows hold more than `maxBytes` characters
 * the oldest go. Events that wait while SQLite refuses to commit are dropped together, and counted,
 * when they exceed `LIMIT.spoolPendingCharacters`.
 */
import type { Database } from 'bun:sqlite';
import { LIMIT } from '../../core/limit.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { decodeEvent, encodeEvent } from '../../exchange/rule/event-codec.ts';
import type { Spool, SpoolEntry } from '../../port/spool.ts';
import type { GroupCommit, Settle } from './group-commit.ts';

/** A commit that is this large gains nothing by waiting for more. */
const COMMIT_SOON_CHARACTERS = 128 * 1024;

export type SqliteSpoolParts = {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly maxBytes: number;
};

export type SqliteSpool = Spool & {
  /** The position of the newest event, kept or pending. */
  lastPosition(): number;
  /** Characters of events that were taken since the process started. */
  takenCharacters(): number;
  /** Events that were not kept because SQLite did not keep up. */
  droppedEvents(): number;
};

/** The events of the next commit; their positions follow one another from `firstPosition`. */
type Batch = {
  readonly firstPosition: number;
  readonly lines: string[];
  characters: number;
  leastId: string;
  greatestId: string;
};

type BatchRow = { readonly first_position: number; readonly events: string };

export function createSqliteSpool({ database, commit, maxBytes }: SqliteSpoolParts): SqliteSpool {
  const rows = batchRows(database, maxBytes);
  let position = rows.lastPosition();
  let pending = emptyBatch(position + 1);
  let taken = 0;
  let dropped = 0;

  function append(event: AuctionEvent): number {
    position++;
    if (pending.characters > LIMIT.spoolPendingCharacters) {
      dropped += pending.lines.length;
      pending = emptyBatch(position);
    }
    taken += addLine(pending, event.auctionId, encodeEvent(event));
    commit.request(pending.characters > COMMIT_SOON_CHARACTERS ? 'soon' : undefined);
    return position;
  }

  function write(): Settle | undefined {
    if (pending.lines.length === 0) return undefined;
    rows.insert(pending);
    return (committed) => {
      if (committed) pending = emptyBatch(position + 1);
      else rows.recount();
    };
  }

  commit.join({ write });
  return {
    append,
    find: async (auctionId) => {
      commit.flush();
      return rows.find(auctionId);
    },
    read: (afterPosition) => {
      commit.flush();
      return rows.read(afterPosition);
    },
    flush: async () => commit.flush(),
    lastPosition: () => position,
    takenCharacters: () => taken,
    droppedEvents: () => dropped,
  };
}

function emptyBatch(firstPosition: number): Batch {
  return { firstPosition, lines: [], characters: 0, leastId: '', greatestId: '' };
}

function addLine(batch: Batch, auctionId: string, line: string): number {
  if (batch.lines.length === 0 || auctionId < batch.leastId) batch.leastId = auctionId;
  if (auctionId > batch.greatestId) batch.greatestId = auctionId;
  batch.lines.push(line);
  batch.characters += line.length;
  return line.length;
}

function batchRows(database: Database, maxBytes: number) {
  const insertRow = database.query(
    `insert into spool_batch (first_position, last_position, least_id, greatest_id, characters, events)
     values (?1, ?2, ?3, ?4, ?5, ?6)`,
  );
  // The newest row stays whatever its size: the next process reads the last position from it.
  const deleteOldest = database.query<{ characters: number }, [number]>(
    `delete from spool_batch where first_position = (select min(first_position) from spool_batch)
     and first_position < ?1 returning characters`,
  );
  const nextRow = database.query<BatchRow, [number]>(
    `select first_position, events from spool_batch where last_position > ?1
     order by first_position limit 1`,
  );
  const rowsHolding = database.query<BatchRow, [string]>(
    `select first_position, events from spool_batch where least_id <= ?1 and greatest_id >= ?1`,
  );
  const summary = database.query<{ last: number | null; characters: number | null }, []>(
    'select max(last_position) as last, sum(characters) as characters from spool_batch',
  );
  let kept = 0;

  function recount(): void {
    kept = summary.get()?.characters ?? 0;
  }

  function insert(batch: Batch): void {
    const { firstPosition, lines, characters, leastId, greatestId } = batch;
    const last = firstPosition + lines.length - 1;
    insertRow.run(firstPosition, last, leastId, greatestId, characters, lines.join('\n'));
    kept += characters;
    while (kept > maxBytes) {
      const oldest = deleteOldest.get(firstPosition);
      if (oldest === null) return;
      kept -= oldest.characters;
    }
  }

  function find(auctionId: string): AuctionEvent | null {
    const start = `["${auctionId}"`;
    for (const { events } of rowsHolding.all(auctionId)) {
      const line = events.split('\n').find((one) => one.startsWith(start));
      if (line !== undefined) return decodeEvent(line);
    }
    return null;
  }

  function* read(afterPosition: number): Iterable<SpoolEntry> {
    let after = afterPosition;
    for (let row = nextRow.get(after); row !== null; row = nextRow.get(after)) {
      let position = row.first_position - 1;
      for (const line of row.events.split('\n')) {
        position++;
        if (position > after) yield { position, event: decodeEvent(line) };
      }
      after = position;
    }
  }

  recount();
  return { insert, find, read, recount, lastPosition: () => summary.get()?.last ?? 0 };
}
