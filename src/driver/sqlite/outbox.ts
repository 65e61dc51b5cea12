/**
 * The outbox in SQLite: one row per commit, holding that commit's events.
 *
 * The book appends inside its own commit. What was committed lately is kept in memory too, so a
 * relay that keeps up reads no row and parses nothing; one that lags reads the rows. How far was
 * acked is written with a later commit: after a crash a little is given again. Whole rows are
 * trimmed behind it, a few per commit.
 */
import type { Database } from 'bun:sqlite';
import { present } from '../../core/assert.ts';
import type { Timers } from '../../core/timer.ts';
import type { Outbox, OutboxEntry } from '../../live/port/outbox.ts';
import {
  createRecentBatches,
  type OutboxBatch,
  type OutboxWriter,
  outboxRows,
} from './book/outbox-batch.ts';
import type { SqliteLimit } from './file/limit.ts';
import type { TurnCommit } from './file/turn-commit.ts';
import { createWaitingReaders } from './file/waiting-readers.ts';

export type SqliteOutboxParts = {
  readonly database: Database;
  readonly commit: TurnCommit;
  readonly timers: Timers;
  readonly limit: Pick<SqliteLimit, 'outboxRecentEvents'>;
};

export function createSqliteOutbox(parts: SqliteOutboxParts): Outbox & OutboxWriter {
  const { database, commit, timers, limit } = parts;
  const rows = outboxRows(database);
  const recent = createRecentBatches(limit.outboxRecentEvents);
  const readers = createWaitingReaders(timers);
  const cursor = createAckCursor(rows);
  let given = cursor.acked();
  let last = Math.max(given, rows.lastPosition());
  let pending: OutboxBatch | null = null;
  let isUnsure = false;

  function batchAfter(position: number): OutboxBatch | null {
    return recent.after(position) ?? rows.after(position);
  }

  function take(limit: number): OutboxEntry[] {
    const entries: OutboxEntry[] = [];
    while (entries.length < limit && given < last) {
      const batch = batchAfter(given);
      if (batch === null) break;
      entries.push(...entriesOf(batch, given, limit - entries.length));
      given = present(entries.at(-1), 'an entry of the batch').position;
    }
    return entries;
  }

  function settle(held: boolean): void {
    cursor.settle(held);
    if (!held) {
      isUnsure = true;
      pending = null;
      return;
    }
    if (pending === null) return;
    last = pending.first + pending.events.length - 1;
    recent.add(pending);
    pending = null;
    readers.wake();
  }

  return {
    read: async ({ limit, waitMs }) => {
      if (given >= last && waitMs > 0) await readers.wait(waitMs);
      return take(limit);
    },
    ack: async (position) => {
      recent.dropUpTo(cursor.raise(Math.min(position, given)));
      commit.requestLater();
    },
    backlog: async () => {
      const acked = cursor.acked();
      const oldest = acked < last ? batchAfter(acked) : null;
      const [entry] = oldest === null ? [] : entriesOf(oldest, acked, 1);
      return { events: last - acked, oldestAtMs: entry?.event.atMs ?? null };
    },
    backlogCount: () => last - cursor.acked(),
    write: (events) => {
      cursor.write();
      // A commit that SQLite reported as failed may have held after all: its positions are taken.
      if (isUnsure) last = Math.max(cursor.acked(), rows.lastPosition());
      isUnsure = false;
      if (events.length === 0) return;
      pending = { first: last + 1, events };
      rows.insert(pending);
    },
    settle,
  };
}

/** How far is acked: in memory at once, on disk with the commit that holds; only that may be trimmed. */
function createAckCursor(rows: ReturnType<typeof outboxRows>) {
  let acked = rows.ackedPosition();
  let onDisk = acked;
  let inCommit = acked;
  return {
    acked: () => acked,
    raise: (position: number): number => {
      acked = Math.max(acked, position);
      return acked;
    },
    write: (): void => {
      if (acked > onDisk) rows.writeAck(acked);
      inCommit = acked;
      rows.trim(onDisk);
    },
    settle: (held: boolean): void => {
      if (held) onDisk = inCommit;
    },
  };
}

/** The entries of a batch behind a position, `limit` of them at most. */
function entriesOf({ first, events }: OutboxBatch, after: number, limit: number): OutboxEntry[] {
  const skipped = Math.max(0, after + 1 - first);
  return events
    .slice(skipped, skipped + limit)
    .map((event, index) => ({ position: first + skipped + index, event }));
}
