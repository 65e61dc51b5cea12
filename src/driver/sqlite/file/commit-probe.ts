/**
 * Whether commits succeed, asked rather than waited for: a disk that is full is noticed though nobody
 * writes, and one that is well again too.
 */
import type { Database } from 'bun:sqlite';
import type { Timers } from '../../../core/timer.ts';

/** A commit waits for the disk: asking more often would cost those who bid. */
const PROBE_EVERY_MS = 2_000;

export type CommitProbe = {
  /** Takes note of how a commit went. One that held and wrote nothing proves nothing. */
  ended(held: boolean): void;
  /** Whether the last commit held. Tries one that changes nothing, unless it did so lately. */
  isWorking(): boolean;
  close(): void;
};

export type CommitProbeParts = {
  readonly database: Database;
  readonly timers: Timers;
  /** Commits what `write` writes, and calls `ended`. */
  readonly commit: (write: () => void) => void;
};

export function createCommitProbe({ database, timers, commit }: CommitProbeParts): CommitProbe {
  const version = database.query<{ user_version: number }, []>('PRAGMA user_version');
  // Written anew: SQLite has no other write that leaves everything as it is.
  const write = () => database.run(`PRAGMA user_version = ${version.get()?.user_version ?? 0}`);
  const changes = database.query<{ count: number }, []>('select total_changes() as count');
  let changesBefore = changes.get()?.count ?? 0;
  let isProbing = false;
  let isWorking = true;
  let isClosed = false;
  let callOff: (() => void) | undefined;

  function probe(): void {
    callOff = timers.after(PROBE_EVERY_MS, () => {
      callOff = undefined;
    });
    isProbing = true;
    commit(write);
    isProbing = false;
  }

  function hasWritten(): boolean {
    const count = changes.get()?.count ?? 0;
    const has = isProbing || count !== changesBefore;
    changesBefore = count;
    return has;
  }

  return {
    ended: (held) => {
      if (!held) isWorking = false;
      else if (hasWritten()) isWorking = true;
    },
    isWorking: () => {
      if (!isClosed && callOff === undefined) probe();
      return isWorking;
    },
    close: () => {
      isClosed = true;
      callOff?.();
    },
  };
}
