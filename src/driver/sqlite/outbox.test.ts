import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { type Folder, openFolder } from '../../../test/support/folder.ts';
import { eventsOf } from '../../../test/support/live-event.ts';
import { bidOf, definitionOf } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { openLiveFileAt } from '../../../test/support/opened-live-file.ts';
import type { Clock } from '../../core/clock.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import { type OpenedOutbox, outboxContract } from '../../live/port/outbox.contract.ts';
import { OUTBOX_TABLES } from './book/outbox-batch.ts';
import { openSqlite } from './file/database.ts';
import { SQLITE_LIMIT } from './file/limit.ts';
import { createTurnCommit } from './file/turn-commit.ts';
import type { LiveFile } from './item-book.ts';
import { createSqliteOutbox } from './outbox.ts';

function openAt(path: string, clock: Clock, removeAll: () => Promise<void>): OpenedOutbox {
  const { book, outbox } = openLiveFileAt(path, clock);
  const close = () => book[Symbol.asyncDispose]();
  const closeAll = async () => {
    await close();
    await removeAll();
  };
  const reopen = async () => {
    await close();
    return openAt(path, clock, removeAll);
  };
  return { book: { ...book, [Symbol.asyncDispose]: closeAll }, outbox, reopen };
}

outboxContract('the SQLite outbox', async (clock) => {
  const folder = await openFolder();
  return openAt(folder.path('live.db'), clock, async () => folder[Symbol.asyncDispose]());
});

const ALL = { limit: 1_000, waitMs: 0 };

/** Places the bids from `first` to `last`, each higher than the one before. */
function bidAll({ book }: LiveFile, first: number, last: number) {
  const places = Array.from({ length: last - first + 1 }, (_, index) => {
    const bid = bidOf({ userId: 'ann', amount: 50 + (first + index) * 10 }, first + index);
    return book.place({ ...bid, itemId: 'L1', idempotencyKey: null });
  });
  return Promise.all(places);
}

async function seqsOf({ outbox }: LiveFile, wanted = ALL): Promise<number[]> {
  return (await outbox.read(wanted)).map(({ event }) => event.seq);
}

async function openBidding(folder: Folder, options: Parameters<typeof openLiveFileAt>[2] = {}) {
  const file = openLiveFileAt(folder.path('live.db'), createManualClock(), options);
  await file.book.open(definitionOf());
  return file;
}

describe('the SQLite outbox', () => {
  test('gives in order also what its memory is too small for', async () => {
    await using folder = await openFolder();
    await using file = await openBidding(folder, { limit: { outboxRecentEvents: 4 } });
    for (const first of [1, 4, 7, 10]) await bidAll(file, first, first + 2);
    const seqs = [];
    for (let read = 0; read < 6; read++) seqs.push(...(await seqsOf(file, { ...ALL, limit: 2 })));
    expect(seqs).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  test('loses no event and no position by a commit that SQLite reported as failed and that held', async () => {
    using database = openSqlite(':memory:');
    for (const statement of OUTBOX_TABLES) database.run(statement);
    const { timers } = createManualTime();
    const commit = createTurnCommit(database, timers);
    const outbox = createSqliteOutbox({ database, commit, timers, limit: SQLITE_LIMIT });
    // Written, and then the disk said that it was not.
    outbox.write(eventsOf(1, 2));
    outbox.settle(false);
    outbox.write(eventsOf(3, 4));
    outbox.settle(true);
    const entries = await outbox.read(ALL);
    expect(entries.map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
    expect(entries.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
  });

  test('lets a reader go without entries when it has waited as long as it wants', async () => {
    await using folder = await openFolder();
    const { timers, advance } = createManualTime();
    await using file = await openBidding(folder, { timers });
    const answers: number[][] = [];
    const reading = seqsOf(file, { limit: 10, waitMs: 500 }).then((seqs) => answers.push(seqs));
    advance(499);
    await new Promise(setImmediate);
    expect(answers).toEqual([]);
    advance(1);
    await reading;
    expect(answers).toEqual([[]]);
  });

  test('trims what was acked, a commit later, and nothing else', async () => {
    await using folder = await openFolder();
    await using file = await openBidding(folder);
    for (const first of [1, 4, 7]) await bidAll(file, first, first + 2);
    const entries = await file.outbox.read(ALL);
    await file.outbox.ack(entries[6]?.position ?? 0);
    for (const seq of [10, 11]) await bidAll(file, seq, seq);
    await using again = openLiveFileAt(folder.path('live.db'), createManualClock());
    expect(await seqsOf(again)).toEqual([8, 9, 10, 11]);
    // The row of 7 to 9 holds some that are not acked.
    expect(rowsIn(folder.path('live.db'))).toEqual([
      [7, 9],
      [10, 10],
      [11, 11],
    ]);
  });

  test('takes an ack only for what it has given', async () => {
    await using folder = await openFolder();
    await using file = await openBidding(folder);
    await bidAll(file, 1, 5);
    await file.outbox.read({ ...ALL, limit: 3 });
    await file.outbox.ack(1_000);
    expect(await file.outbox.backlog()).toMatchObject({ events: 2 });
    expect(await seqsOf(file)).toEqual([4, 5]);
  });

  test('makes a place durable soon after the ack, though no bid comes', async () => {
    await using folder = await openFolder();
    const { timers, advance } = createManualTime();
    await using file = await openBidding(folder, { timers });
    await bidAll(file, 1, 3);
    await file.outbox.read(ALL);
    await file.outbox.ack(2);
    advance(1_000);
    await using again = openLiveFileAt(folder.path('live.db'), createManualClock());
    expect(await seqsOf(again)).toEqual([3]);
  });

  test('writes a place again whose commit has failed', async () => {
    await using folder = await openFolder();
    await using file = await openBidding(folder);
    await bidAll(file, 1, 3);
    await file.outbox.read(ALL);
    using database = new Database(folder.path('live.db'));
    database.run(`create trigger refuse before insert on outbox_batch
      begin select raise(abort, 'disk full'); end`);
    await file.outbox.ack(2);
    await expect(bidAll(file, 4, 4)).rejects.toBeInstanceOf(NotDecidedError);
    database.run('drop trigger refuse');
    await file.book.open(definitionOf({}, { itemId: 'L2' }));
    await using again = openLiveFileAt(folder.path('live.db'), createManualClock());
    expect(await seqsOf(again)).toEqual([3]);
  });

  test('knows the age of the oldest that is not acked, in the midst of a commit too', async () => {
    await using folder = await openFolder();
    const clock = createManualClock();
    await using file = openLiveFileAt(folder.path('live.db'), clock);
    await file.book.open(definitionOf());
    const first = bidAll(file, 1, 1);
    clock.advance(50);
    await Promise.all([first, bidAll(file, 2, 2)]);
    await file.outbox.read(ALL);
    await file.outbox.ack(1);
    expect(await file.outbox.backlog()).toEqual({ events: 1, oldestAtMs: clock.nowMs() });
  });

  test('has nothing of a commit that failed, and goes on behind it without a gap', async () => {
    await using folder = await openFolder();
    await using file = await openBidding(folder);
    await bidAll(file, 1, 1);
    {
      using database = new Database(folder.path('live.db'));
      database.run(`create trigger refuse before insert on outbox_batch
        begin select raise(abort, 'disk full'); end`);
      await expect(bidAll(file, 2, 3)).rejects.toBeInstanceOf(NotDecidedError);
      database.run('drop trigger refuse');
    }
    expect(await seqsOf(file)).toEqual([1]);
    // A commit without events that holds brings none of those that failed.
    await file.book.open(definitionOf({}, { itemId: 'L2' }));
    expect(await seqsOf(file)).toEqual([]);
    await bidAll(file, 2, 2);
    expect(await file.outbox.read(ALL)).toMatchObject([{ position: 2, event: { seq: 2 } }]);
    expect(await file.outbox.backlog()).toMatchObject({ events: 2 });
  });

  test('that is full lets no bid be decided until some are carried away', async () => {
    await using folder = await openFolder();
    await using file = await openBidding(folder, { limit: { outboxEvents: 3 } });
    await bidAll(file, 1, 2);
    const [third, fourth] = await Promise.allSettled([bidAll(file, 3, 3), bidAll(file, 4, 4)]);
    expect(third).toMatchObject({ status: 'fulfilled', value: [{ kind: 'accepted' }] });
    expect(fourth).toMatchObject({ status: 'rejected', reason: expect.any(NotDecidedError) });
    await expect(bidAll(file, 4, 4)).rejects.toThrow('not carried away');
    await file.outbox.read({ ...ALL, limit: 1 });
    await file.outbox.ack(1);
    expect(await bidAll(file, 4, 4)).toMatchObject([{ kind: 'accepted' }]);
  });
});

/** The first and the last position of every row. */
function rowsIn(path: string): number[][] {
  using database = new Database(path, { readonly: true });
  return database
    .query<{ first: number; last: number }, []>(
      `select first_position as first, last_position as last from outbox_batch
       order by last_position`,
    )
    .all()
    .map(({ first, last }) => [first, last]);
}
