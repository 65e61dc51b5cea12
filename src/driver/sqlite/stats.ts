/**
 * The statistics in memory, kept in SQLite so that nothing is lost but the last group commit.
 *
 * The spool is the log and the rows of `stats_counter` are its checkpoint: every group commit writes
 * a few of the counters that changed, oldest change first, and the position from which the log must
 * be read again after a crash. So an auction costs no statistics write of its own, however many
 * supplies the traffic is spread over. How many counters a commit writes follows how much the spool
 * took, so the checkpoint is never further behind than half of what the spool keeps.
 */
import type { Database } from 'bun:sqlite';
import type { Stats } from '../../exchange/port/stats.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { addEvent, createTally } from '../../exchange/rule/tally.ts';
import { selectSupplies, selectTotals } from '../../exchange/rule/tally-view.ts';
import { createChangedCounters } from './counter/changed-counters.ts';
import { counterRows } from './counter/stats-counter.ts';
import type { SqliteSpool } from './spool/event-spool.ts';
import type { GroupCommit, Settle } from './spool/group-commit.ts';

const CHECKPOINTS_PER_SPOOL = 2;

export type SqliteStatsParts = {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly spool: SqliteSpool;
  readonly spoolMaxBytes: number;
};

export function createSqliteStats(parts: SqliteStatsParts): Stats {
  const { database, commit, spool, spoolMaxBytes } = parts;
  const tally = createTally();
  const rows = counterRows(database, tally);
  const supplies = createChangedCounters((id) => rows.write('supply', id));
  const spenders = createChangedCounters((id) => rows.write('spender', id));
  let bytesAtLastWrite = 0;
  let isFlushing = false;

  function record(event: AuctionEvent, position: number): void {
    addEvent(tally, event, position);
    for (const { imp, winnerId } of event.results) {
      supplies.note(imp.supplyId, position);
      if (winnerId !== null) spenders.note(winnerId, position);
    }
  }

  /** Which part of the changed counters this commit writes. */
  function share(): number {
    if (isFlushing) return 1;
    return ((spool.writtenBytes() - bytesAtLastWrite) * CHECKPOINTS_PER_SPOOL) / spoolMaxBytes;
  }

  function write(): Settle | undefined {
    if (supplies.isEmpty() && spenders.isEmpty()) return undefined;
    const part = share();
    const [suppliesWritten, spendersWritten] = [supplies.write(part), spenders.write(part)];
    rows.writeGrand();
    const oldestMissing = Math.min(suppliesWritten.oldestLeft, spendersWritten.oldestLeft);
    rows.writeCursor(Math.min(spool.lastPosition(), oldestMissing - 1));
    return (committed) => {
      if (!committed) return;
      bytesAtLastWrite = spool.writtenBytes();
      supplies.forget(suppliesWritten);
      spenders.forget(spendersWritten);
    };
  }

  function writeAll(): void {
    isFlushing = true;
    try {
      commit.flush();
    } finally {
      isFlushing = false;
    }
  }

  for (const { event, position } of spool.read(rows.load())) record(event, position);
  commit.join({ write });
  // What was caught up is old already: a second crash must not find it trimmed from the spool.
  writeAll();
  return {
    record,
    readSupplies: async (which) => selectSupplies(tally, which),
    readTotals: async (topCount) => selectTotals(tally, topCount),
    flush: async () => writeAll(),
  };
}
