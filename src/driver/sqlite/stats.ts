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
import { counterRows } from './counter/stats-counter.ts';
import type { SqliteSpool } from './spool/event-spool.ts';
import type { GroupCommit, Settle } from './spool/group-commit.ts';

const LEAST_COUNTERS_PER_COMMIT = 16;
const CHECKPOINTS_PER_SPOOL = 2;

export type SqliteStatsParts = {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly spool: SqliteSpool;
  readonly spoolMaxBytes: number;
};

/** Counters of one kind that changed since they were written. */
type Changed = {
  readonly kind: 'supply' | 'spender';
  /** Their ids with the position of the first change that is not written, oldest first. */
  readonly positions: Map<string, number>;
  /** The most that waited since none did: the pace of writing, so that none waits its turn longer. */
  peak: number;
};

export function createSqliteStats(parts: SqliteStatsParts): Stats {
  const { database, commit, spool, spoolMaxBytes } = parts;
  const tally = createTally();
  const rows = counterRows(database, tally);
  const supplies: Changed = { kind: 'supply', positions: new Map(), peak: 0 };
  const spenders: Changed = { kind: 'spender', positions: new Map(), peak: 0 };
  let bytesAtLastWrite = 0;
  let isFlushing = false;

  function record(event: AuctionEvent, position: number): void {
    addEvent(tally, event, position);
    for (const { imp, winnerId } of event.results) {
      if (!supplies.positions.has(imp.supplyId)) supplies.positions.set(imp.supplyId, position);
      if (winnerId === null || spenders.positions.has(winnerId)) continue;
      spenders.positions.set(winnerId, position);
    }
  }

  /** How many of the changed counters this commit writes. */
  function share(changed: Changed): number {
    if (isFlushing) return changed.positions.size;
    changed.peak = Math.max(changed.peak, changed.positions.size);
    const bytes = spool.writtenBytes() - bytesAtLastWrite;
    const part = (bytes * CHECKPOINTS_PER_SPOOL) / spoolMaxBytes;
    return Math.max(LEAST_COUNTERS_PER_COMMIT, Math.ceil(changed.peak * part));
  }

  /** @returns how many were written. They stay in `changed` until the commit has held. */
  function writeOldest(changed: Changed): number {
    const count = Math.min(share(changed), changed.positions.size);
    let written = 0;
    for (const id of changed.positions.keys()) {
      if (written === count) break;
      rows.write(changed.kind, id);
      written++;
    }
    return written;
  }

  function write(): Settle | undefined {
    if (supplies.positions.size === 0 && spenders.positions.size === 0) return undefined;
    const suppliesWritten = writeOldest(supplies);
    const spendersWritten = writeOldest(spenders);
    rows.writeGrand();
    const oldestMissing = Math.min(
      firstPosition(supplies, suppliesWritten),
      firstPosition(spenders, spendersWritten),
    );
    rows.writeCursor(Math.min(spool.lastPosition(), oldestMissing - 1));
    return (committed) => {
      if (!committed) return;
      bytesAtLastWrite = spool.writtenBytes();
      forgetOldest(supplies, suppliesWritten);
      forgetOldest(spenders, spendersWritten);
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

/** The position of the oldest change after the first `count`. */
function firstPosition({ positions }: Changed, count: number): number {
  let index = 0;
  for (const position of positions.values()) if (index++ === count) return position;
  return Number.POSITIVE_INFINITY;
}

function forgetOldest(changed: Changed, count: number): void {
  let left = count;
  for (const id of changed.positions.keys()) {
    if (left-- === 0) break;
    changed.positions.delete(id);
  }
  if (changed.positions.size === 0) changed.peak = 0;
}
