import type { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { openSqlite } from '../file/database.ts';
import { createGroupCommit, type GroupCommit, type Participant } from './group-commit.ts';

const EVERY_MS = 25;

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

/** A participant that writes the notes it was given, and notes how each commit ended. */
function createWriter(database: Database) {
  const pending: string[] = [];
  const outcomes: boolean[] = [];
  const participant: Participant = {
    write() {
      if (pending.length === 0) return undefined;
      for (const text of pending) database.run('insert into note (text) values (?)', [text]);
      return (committed) => {
        outcomes.push(committed);
        if (committed) pending.length = 0;
      };
    },
  };
  return { pending, outcomes, participant };
}

function open(database: Database) {
  const errors: unknown[] = [];
  const { timers, advance } = createManualTime();
  const onError = (error: unknown) => errors.push(error);
  const commit = createGroupCommit(database, { timers, everyMs: EVERY_MS, onError });
  return { commit, errors, advance };
}

function joinWriter(commit: GroupCommit, database: Database) {
  const writer = createWriter(database);
  commit.join(writer.participant);
  return writer;
}

describe('a group commit', () => {
  test('writes what every participant has in one transaction, and tells each', () => {
    using database = openNotes();
    const { commit } = open(database);
    const writers = [joinWriter(commit, database), joinWriter(commit, database)];
    for (const [index, { pending }] of writers.entries()) pending.push(`note ${index}`);
    commit.flush();
    expect(notesIn(database)).toEqual(['note 0', 'note 1']);
    expect(writers.map(({ outcomes }) => outcomes)).toEqual([[true], [true]]);
  });

  test('happens by itself within the time, once it was asked for', () => {
    using database = openNotes();
    const { commit, advance } = open(database);
    joinWriter(commit, database).pending.push('note');
    advance(2 * EVERY_MS);
    commit.request();
    advance(EVERY_MS - 1);
    expect(notesIn(database)).toEqual([]);
    advance(1);
    expect(notesIn(database)).toEqual(['note']);
  });

  test('happens as soon as the loop is free when much waits', () => {
    using database = openNotes();
    const { commit, advance } = open(database);
    joinWriter(commit, database).pending.push('note');
    commit.request();
    commit.request('soon');
    commit.request();
    expect(notesIn(database)).toEqual([]);
    advance(0);
    expect(notesIn(database)).toEqual(['note']);
  });

  test('is one for many requests', () => {
    using database = openNotes();
    const { commit, advance } = open(database);
    const writer = joinWriter(commit, database);
    for (let note = 0; note < 100; note++) {
      writer.pending.push(`note ${note}`);
      commit.request();
    }
    advance(2 * EVERY_MS);
    expect(writer.outcomes).toEqual([true]);
    expect(notesIn(database).length).toBe(100);
  });

  test('happens no more once it is closed', () => {
    using database = openNotes();
    const { commit, advance } = open(database);
    joinWriter(commit, database).pending.push('note');
    commit.request();
    commit.close();
    advance(2 * EVERY_MS);
    expect(notesIn(database)).toEqual([]);
  });
});

describe('a group commit that fails', () => {
  const REFUSE = `create trigger refuse before insert on note when new.text = 'bad'
    begin select raise(abort, 'refused'); end`;

  test('leaves nothing of any participant, and tells those who wrote', () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit } = open(database);
    const [good, bad] = [joinWriter(commit, database), joinWriter(commit, database)];
    good.pending.push('good');
    bad.pending.push('good too', 'bad');
    expect(() => commit.flush()).toThrow('refused');
    expect(notesIn(database)).toEqual([]);
    expect(good.outcomes).toEqual([false]);
    expect(good.pending).toEqual(['good']);
  });

  test('is reported and tried again until it holds', () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit, errors, advance } = open(database);
    joinWriter(commit, database).pending.push('bad');
    commit.request();
    advance(2 * EVERY_MS);
    expect(errors).toHaveLength(2);
    expect(String(errors[0])).toContain('refused');
    database.run('drop trigger refuse');
    advance(EVERY_MS);
    expect(errors).toHaveLength(2);
    expect(notesIn(database)).toEqual(['bad']);
  });

  test('is tried again also when it was a flush that failed', () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit, errors, advance } = open(database);
    joinWriter(commit, database).pending.push('bad');
    expect(() => commit.flush()).toThrow('refused');
    database.run('drop trigger refuse');
    advance(EVERY_MS);
    expect(errors).toEqual([]);
    expect(notesIn(database)).toEqual(['bad']);
  });

  test('is not tried sooner because more waits', () => {
    using database = openNotes();
    database.run(REFUSE);
    const { commit, errors, advance } = open(database);
    joinWriter(commit, database).pending.push('bad');
    expect(() => commit.flush()).toThrow('refused');
    commit.request('soon');
    advance(EVERY_MS - 1);
    expect(errors).toEqual([]);
    advance(1);
    expect(errors).toHaveLength(1);
  });
});
