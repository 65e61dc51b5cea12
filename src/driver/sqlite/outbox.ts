/**
 * The outbox in SQLite: one row a commit, holding that commit's events.
 *
 * The book appends inside its own commit. What was committed lately is kept in memory too, so a
 * relay that keeps up reads no row and parses nothing; one that lags reads the rows. How far was
 * acked is written with a later commit: after a crash a little is given again. Whole rows are
 * trimmed behind it, a few a commit.
 */
import type { Database } from 'bun:sqlite';
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
  let acked = rows.ackedPosition();
  let ackedOnDisk = acked;
  let ackedInCommit = acked;
  let given = acked;
  let last = Math.max(acked, rows.lastPosition());
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
      const end = batch.first + batch.events.length;
      let position = Math.max(batch.first, given + 1);
      for (; position < end && entries.length < limit; position++) {
        const event = batch.events[position - batch.first];
        if (event !== undefined) entries.push({ position, event });
      }
      given = position - 1;
    }
    return entries;
  }

  function settle(held: boolean): void {
    if (!held) {
      isUnsure = true;
      pending = null;
      ackedInCommit = ackedOnDisk;
      return;
    }
    ackedOnDisk = ackedInCommit;
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
      acked = Math.max(acked, Math.min(position, given));
      recent.dropUpTo(acked);
      commit.requestLater();
    },
    backlog: async () => {
      const oldest = acked < last ? batchAfter(acked) : null;
      const event = oldest?.events[Math.max(0, acked + 1 - oldest.first)];
      return { events: last - acked, oldestAtMs: event?.atMs ?? null };
    },
    backlogCount: () => last - acked,
    write: (events) => {
      if (acked > ackedOnDisk) rows.writeAck(acked);
      ackedInCommit = acked;
      rows.trim(ackedOnDisk);
      // A commit that was told as failed may have held after all: its positions are taken.
      if (isUnsure) last = Math.max(acked, rows.lastPosition());
      isUnsure = false;
      if (events.length === 0) return;
      pending = { first: last + 1, events };
      rows.insert(pending);
    },
    settle,
  };
}
