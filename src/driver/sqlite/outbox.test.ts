import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { eventsOf } from '../../../test/support/live-event.ts';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { openLiveFileAt, openTemporaryFolder } from '../../../test/support/opened-live-file.ts';
import type { Clock } from '../../core/clock.ts';
import { itemIndexContract } from '../../live/port/item-index.contract.ts';
import { type OpenedOutbox, outboxContract } from '../../live/port/outbox.contract.ts';
import { OUTBOX_TABLES } from './book/outbox-batch.ts';
import { openSqlite } from './file/database.ts';
import { createTurnCommit } from './file/turn-commit.ts';
import { createSqliteOutbox } from './outbox.ts';

const folder = await openTemporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
let files = 0;

function openAt(path: string, clock: Clock): OpenedOutbox {
  const { book, outbox } = openLiveFileAt(path, clock);
  const reopen = async () => {
    await book[Symbol.asyncDispose]();
    return openAt(path, clock);
  };
  return { book, outbox, reopen };
}

outboxContract('the SQLite outbox', async (clock) => {
  files += 1;
  return openAt(join(folder.path, `live${files}.db`), clock);
});

itemIndexContract('the SQLite item index', async (clock) => openLiveFileAt(':memory:', clock));

const OUTBOX_ALL = { limit: 100, waitMs: 0 };

function openOutbox(outboxRecentEvents = 100) {
  const database = openSqlite(':memory:');
  for (const statement of OUTBOX_TABLES) database.run(statement);
  const { timers } = createManualTime();
  const commit = createTurnCommit(database, timers);
  const outbox = createSqliteOutbox({ database, commit, timers, limit: { outboxRecentEvents } });
  return { database, outbox };
}

test('a commit that was reported as failed and held after all loses no event and no position', async () => {
  const { database, outbox } = openOutbox();
  using _database = database;
  // Written, and then the disk said that it was not.
  outbox.write(eventsOf(1, 2));
  outbox.settle(false);
  outbox.write(eventsOf(3, 4));
  outbox.settle(true);
  const entries = await outbox.read(OUTBOX_ALL);
  expect(entries.map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
  expect(entries.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
});

test('events beyond what memory holds are read from the file, in order', async () => {
  const { database, outbox } = openOutbox(4);
  using _database = database;
  for (let seq = 1; seq <= 9; seq += 2) {
    outbox.write(eventsOf(seq, seq + 1));
    outbox.settle(true);
  }
  const entries = await outbox.read(OUTBOX_ALL);
  expect(entries.map(({ event }) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
