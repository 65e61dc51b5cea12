import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { openFolder } from '../../../../test/support/folder.ts';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { createGroupCommit } from '../spool/group-commit.ts';
import { openSqlite } from './database.ts';
import { createTurnCommit } from './turn-commit.ts';

const OTHER_MS = 2_000;

/** A file with a commit of either kind, and a way to make every write of it fail. */
async function open(kind: 'turn' | 'group') {
  const folder = await openFolder();
  const database = openSqlite(folder.path('file.db'));
  database.run('create table one (id integer)');
  database.run('PRAGMA busy_timeout = 1');
  const time = createManualTime();
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const { timers } = time;
  const commit =
    kind === 'turn'
      ? createTurnCommit(database, timers)
      : createGroupCommit(database, { everyMs: 25, timers, onError });
  return {
    commit,
    time,
    fail: () => {
      const other = new Database(folder.path('file.db'));
      other.run('begin immediate');
      return () => other.close();
    },
    [Symbol.asyncDispose]: async () => {
      commit.close();
      database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe.each(['turn', 'group'] as const)('a %s commit', (kind) => {
  test('works, though nobody has written yet', async () => {
    await using opened = await open(kind);
    expect(opened.commit.isWorking()).toBe(true);
  });

  test('is found not to work while nobody writes, and to work again', async () => {
    await using opened = await open(kind);
    const { commit, time } = opened;
    const mend = opened.fail();
    expect(commit.isWorking()).toBe(false);
    mend();
    // Asked anew only after a while.
    expect(commit.isWorking()).toBe(false);
    time.advance(OTHER_MS);
    expect(commit.isWorking()).toBe(true);
  });

  test('does not take a commit without a write for one that works', async () => {
    await using opened = await open(kind);
    const mend = opened.fail();
    expect(opened.commit.isWorking()).toBe(false);
    mend();
    opened.commit.flush();
    expect(opened.commit.isWorking()).toBe(false);
  });
});
