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
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { addEvent, createTally } from '../../exchange/rule/tally.ts';
import { selectSupplies, selectTotals } from '../../exchange/rule/tally-view.ts';
import type { Stats } from '../../port/stats.ts';
import type { GroupCommit, Settle } from './group-commit.ts';
import type { SqliteSpool } from './spool.ts';
import { counterRows } from './stats-counter.ts';

const LEAST_COUNTERS_PER_COMMIT = 16;
const CHECKPOINTS_PER_SPOOL = 2;

export type SqliteStatsParts = {
  readonly database: Database;
  readonly commit: GroupCommit;
  readonly spool: SqliteSpool;
  readonly spoolMaxBytes: number;
};

/** Ids of changed counters with the position of the change, oldest first. */
type Changed = Map<string, number>;

export function createSqliteStats(parts: SqliteStatsParts): Stats {
  const { database, commit, spool, spoolMaxBytes } = parts;
  const tally = createTally();
  const rows = counterRows(database, tally);
  const changed: { supply: Changed; spender: Changed } = { supply: new Map(), spender: new Map() };
  let bytesAtLastWrite = 0;
  let isFlushing = false;

  function record(event: AuctionEvent, position: number): void {
    addEvent(tally, event, position);
    for (const { imp, winnerId } of event.results) {
      if (!changed.supply.has(imp.supplyId)) changed.supply.set(imp.supplyId, position);
      if (winnerId === null || changed.spender.has(winnerId)) continue;
      changed.spender.set(winnerId, position);
    }
  }

  /** How many of `waiting` counters this commit writes. */
  function share(waiting: number): number {
    if (isFlushing) return waiting;
    const bytes = spool.committedBytes() - bytesAtLastWrite;
    const part = (bytes * CHECKPOINTS_PER_SPOOL) / spoolMaxBytes;
    return Math.max(LEAST_COUNTERS_PER_COMMIT, Math.ceil(waiting * part));
  }

  /** Writes the oldest changes of one kind; gives them back so that a failed commit can restore. */
  function writeOldest(kind: 'supply' | 'spender'): [string, number][] {
    const written: [string, number][] = [];
    const count = share(changed[kind].size);
    for (const [id, position] of changed[kind]) {
      if (written.length === count) break;
      rows.write(kind, id);
      written.push([id, position]);
    }
    for (const [id] of written) changed[kind].delete(id);
    return written;
  }

  function write(): Settle | undefined {
    if (changed.supply.size === 0 && changed.spender.size === 0) return undefined;
    const supplies = writeOldest('supply');
    const spenders = writeOldest('spender');
    rows.writeGrand();
    rows.writeCursor(checkpoint());
    return (committed) => {
      if (committed) bytesAtLastWrite = spool.committedBytes();
      else {
        changed.supply = new Map([...supplies, ...changed.supply]);
        changed.spender = new Map([...spenders, ...changed.spender]);
      }
    };
  }

  /** The position up to which every change is in the rows. */
  function checkpoint(): number {
    let position = spool.lastPosition();
    for (const oldest of [first(changed.supply), first(changed.spender)]) {
      if (oldest !== undefined) position = Math.min(position, oldest - 1);
    }
    return position;
  }

  async function flush(): Promise<void> {
    isFlushing = true;
    try {
      commit.flush();
    } finally {
      isFlushing = false;
    }
  }

  for (const { event, position } of spool.read(rows.load())) record(event, position);
  commit.join({ write });
  return {
    record,
    readSupplies: async (which) => selectSupplies(tally, which),
    readTotals: async (topCount) => selectTotals(tally, topCount),
    flush,
  };
}

function first(changed: Changed): number | undefined {
  return changed.values().next().value;
}
