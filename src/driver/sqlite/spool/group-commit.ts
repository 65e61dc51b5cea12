/**
 * One transaction for all that was written since the last one.
 *
 * Participants collect in memory and call `request`; at most `everyMs` later each writes what it has
 * inside one transaction. A participant's `write` gives a function that is told whether the commit
 * held, so that nothing is forgotten before it is durable. A commit that fails (disk full, locked)
 * is tried again `everyMs` later. Not promised: that a request is durable when it returns.
 */
import type { Database } from 'bun:sqlite';
import type { Timers } from '../../../core/timer.ts';
import { createCommitProbe } from '../file/commit-probe.ts';

export type Settle = (committed: boolean) => void;

export type Participant = { write(): Settle | undefined };

export type GroupCommit = {
  join(participant: Participant): void;
  /** Asks for a commit within `everyMs`, or as soon as the loop is free. */
  request(when?: 'soon'): void;
  /** Commits now. @throws what SQLite says when the commit fails. */
  flush(): void;
  /** Whether the last commit held; tries one unless it did so lately. */
  isWorking(): boolean;
  /** Ends the timer; nothing is written any more. */
  close(): void;
};

export type GroupCommitOptions = {
  readonly everyMs: number;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
};

export function createGroupCommit(
  database: Database,
  { everyMs, timers, onError }: GroupCommitOptions,
): GroupCommit {
  const participants: Participant[] = [];
  const probe = createCommitProbe({ database, timers, commit: tick });
  let callOff: (() => void) | undefined;
  let isSoon = false;

  function disarm(): void {
    callOff?.();
    callOff = undefined;
    isSoon = false;
  }

  function arm(delayMs: number): void {
    callOff = timers.after(delayMs, () => tick());
  }

  function tick(alsoWrite?: () => void): void {
    try {
      flush(alsoWrite);
    } catch (error) {
      onError(error);
    }
  }

  function flush(alsoWrite?: () => void): void {
    disarm();
    const settles: Settle[] = [];
    const settle = (committed: boolean) => {
      for (const one of settles) one(committed);
    };
    try {
      database.transaction(() => {
        for (const { write } of participants) settles.push(write() ?? ignore);
        alsoWrite?.();
      })();
    } catch (error) {
      probe.ended(false);
      settle(false);
      // A store that refuses is not asked again sooner, however much waits by then.
      isSoon = true;
      arm(everyMs);
      throw error;
    }
    probe.ended(true);
    settle(true);
  }

  return {
    join: (participant) => {
      participants.push(participant);
    },
    request: (when) => {
      if (callOff !== undefined && (when === undefined || isSoon)) return;
      disarm();
      isSoon = when === 'soon';
      arm(isSoon ? 0 : everyMs);
    },
    flush: () => flush(),
    isWorking: probe.isWorking,
    close: () => {
      disarm();
      probe.close();
    },
  };
}

function ignore(): void {}
