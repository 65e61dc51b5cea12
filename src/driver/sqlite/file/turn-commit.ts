/**
 * One transaction for all that was decided in one turn of the event loop.
 *
 * Participants collect in memory and call `request`; at the end of the turn each writes what it has
 * inside one transaction, and then each is told whether it held. Unlike `group-commit.ts` nothing is
 * tried again here: a participant that was told of a failure throws its work away or asks again.
 */
import type { Database } from 'bun:sqlite';
import type { Timers } from '../../../core/timer.ts';
import { createCommitProbe } from './commit-probe.ts';

export type TurnParticipant = {
  /** Writes what has collected. */
  write(): void;
  /** Told once for every `write`: null when the commit held. */
  settle(failure: Error | null): void;
};

export type TurnCommit = {
  join(participant: TurnParticipant): void;
  /** Asks for a commit at the end of this turn. */
  request(): void;
  /** Asks to be written with the next commit, or alone when none comes for `LATER_MS`. */
  requestLater(): void;
  /** Commits now; the participants are told when it fails. */
  flush(): void;
  /** Whether the last commit held; tries one unless it did so lately. */
  isWorking(): boolean;
  /** Writes what is asked for, and nothing after that. */
  close(): void;
};

const LATER_MS = 200;

export function createTurnCommit(database: Database, timers: Timers): TurnCommit {
  const begin = database.query('begin immediate');
  const commit = database.query('commit');
  const participants: TurnParticipant[] = [];
  const probe = createCommitProbe({ database, timers, commit: flush });
  let isRequested = false;
  let isClosed = false;
  let callOff: (() => void) | undefined;

  function transact(alsoWrite?: () => void): Error | null {
    try {
      begin.run();
      for (const participant of participants) participant.write();
      alsoWrite?.();
      commit.run();
      return null;
    } catch (error) {
      rollBack();
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  function rollBack(): void {
    try {
      if (database.inTransaction) database.run('rollback');
    } catch {
      // SQLite has ended the transaction itself: there is nothing left to undo.
    }
  }

  function flush(alsoWrite?: () => void): void {
    isRequested = false;
    callOff?.();
    callOff = undefined;
    if (isClosed) return;
    const failure = transact(alsoWrite);
    probe.ended(failure === null);
    for (const participant of participants) participant.settle(failure);
  }

  return {
    join: (participant) => {
      participants.push(participant);
    },
    request: () => {
      if (isRequested) return;
      isRequested = true;
      // No timer but the end of this turn of the event loop.
      // A flush in between has written it: what comes after that asks anew.
      setImmediate(() => isRequested && flush());
    },
    requestLater: () => {
      callOff ??= timers.after(LATER_MS, () => flush());
    },
    flush: () => flush(),
    isWorking: probe.isWorking,
    close: () => {
      if (isRequested || callOff !== undefined) flush();
      isClosed = true;
      probe.close();
    },
  };
}
