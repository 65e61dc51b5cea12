import type { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { systemTimers } from '../../../core/timer.ts';
import { openSqlite } from '../file/database.ts';
import { createGroupCommit, type GroupCommit, type Participant } from './group-commit.ts';

const SOME_MS = 5;
/** An hour: what is written meanwhile was not written by this timer. */
const NEVER_MS = 3_600_000;

function openNotes(): Database {
  const database = openSqlite(':memory:');
  database.run('create table note (text text not null)');
  return database;
}

function notesIn(database: Database): string[] {
  return database
    .query<{ text: string }, []>('select text from note')
    .all()
    .map(({ text }) => text);
}

/** A participant that writes the notes it was given, and what it was told of each commit. */
function createWriter(database: Database) {
  const pending: string[] = [];
  const told: boolean[] = [];
  const firstTold = Promise.withResolvers<boolean>();
  const participant: Participant = {
    write() {
      if (pending.length === 0) return undefined;
      for (const text of pending) database.run('insert into note (text) values (?)', [text]);
      return (committed) => {
        told.push(committed);
        if (committed) pending.length = 0;
        if (committed) firstTold.resolve(committed);
      };
    },
  };
  return { pending, told, committed: firstTold.promise, participant };
}

function open(database: Database, everyMs: number) {
  const errors: unknown[] = [];
  const failed = Promise.withResolvers<void>();
  const commit = createGroupCommit(database, {
    everyMs,
    timers: systemTimers,
    onError: (error) => {
      errors.push(error);
      failed.resolve();
    },
  });
  return { commit, errors, failed: failed.promise };
}

function joinWriter(commit: GroupCommit, database: Database) {
  const writer = createWriter(database);
  commit.join(writer.participant);
  return writer;
}

describe('a group commit', () => {
  test('writes what every participant has in one transaction, and tells each', () => {
    using database = openNotes();
    const { commit } = open(database, NEVER_MS);
    const writers = [joinWriter(commit, database), joinWriter(commit, database)];
    for (const [index, { pending }] of writers.entries()) pending.push(`note ${index}`);
    commit.flush();
    expect(notesIn(database)).toEqual(['note 0', 'note 1']);
    expect(writers.map(({ told }) => told)).toEqual([[true], [true]]);
  });

  test('happens by itself soon after it was asked for', async () => {
    using database = openNotes();
    const { commit } = open(database, SOME_MS);
    const writer = joinWriter(commit, database);
    writer.pending.push('note');
    commit.request();
    expect(notesIn(database)).toEqual([]);
    await writer.committed;
    expect(notesIn(database)).toEqual(['note']);
  });

  test('happens as soon as the loop is free when much waits', async () => {
    using database = openNotes();
    const { commit } = open(database, NEVER_MS);
    const writer = joinWriter(commit, database);
    writer.pending.push('note');
    commit.request();
    commit.request('soon');
    commit.request();
    await writer.committed;
    expect(notesIn(database)).toEqual(['note']);
  });

  test('is one for many requests', async () => {
    using database = openNotes();
    const { commit } = open(database, SOME_MS);
    const writer = joinWriter(commit, database);
    for (let note = 0; note < 100; note++) {
      writer.pending.push(`note ${note}`);
      commit.request();
    }
    await writer.committed;
    expect(writer.told).toEqual([true]);
    expect(notesIn(database).length).toBe(100);
  });

  test('happens no more once it is closed', async () => {
    using database = openNotes();
    const { commit } = open(database, 0);
    const writer = joinWriter(commit, database);
    writer.pending.push('note');
    commit.request();
    commit.close();
    await Bun.sleep(SOME_MS);
    expect(notesIn(database)).toEqual([]);
  });
});

describe('a group commit that fails', () => {
  const REFUSE = `create trigger refuse before insert on note when new.text = 'bad'
    begin select raise(abort, 'refused'); end`;

  test('leaves nothing of any participant, and tells those who wrote', () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit } = open(database, NEVER_MS);
    const [good, bad] = [joinWriter(commit, database), joinWriter(commit, database)];
    good.pending.push('good');
    bad.pending.push('good too', 'bad');
    expect(() => commit.flush()).toThrow('refused');
    commit.close();
    expect(notesIn(database)).toEqual([]);
    expect(good.told).toEqual([false]);
    expect(good.pending).toEqual(['good']);
  });

  test('is reported and tried again until it holds', async () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit, errors, failed } = open(database, SOME_MS);
    const writer = joinWriter(commit, database);
    writer.pending.push('bad');
    commit.request();
    await failed;
    database.run('drop trigger refuse');
    await writer.committed;
    expect(String(errors[0])).toContain('refused');
    expect(notesIn(database)).toEqual(['bad']);
  });

  test('is tried again also when it was a flush that failed', async () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit, errors } = open(database, SOME_MS);
    const writer = joinWriter(commit, database);
    writer.pending.push('bad');
    expect(() => commit.flush()).toThrow('refused');
    database.run('drop trigger refuse');
    await writer.committed;
    expect(errors).toEqual([]);
    expect(notesIn(database)).toEqual(['bad']);
  });

  test('is not tried sooner because more waits', async () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit, errors } = open(database, NEVER_MS);
    joinWriter(commit, database).pending.push('bad');
    expect(() => commit.flush()).toThrow('refused');
    for (let turn = 0; turn < 3; turn++) {
      commit.request('soon');
      await Bun.sleep(1);
    }
    commit.close();
    expect(errors).toEqual([]);
  });
});
