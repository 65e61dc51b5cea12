import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTable } from '../../../test/golden/live-table.ts';
import { openFolder } from '../../../test/support/folder.ts';
import { benchOf } from '../../../test/support/item-book-bench.ts';
import { bidOf, definitionOf, units, type Wish } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { openFiledBook, openLiveFileAt } from '../../../test/support/opened-live-file.ts';
import { itemBookContract } from '../../live/port/item-book.contract.ts';
import { IDEMPOTENCY_KEPT_MS, type PlaceCommand } from '../../live/port/item-book.ts';
import { createItemRows } from './book/item-rows.ts';

itemBookContract('the SQLite book', ({ clock }) => openFiledBook(clock));

const TABLES = join(import.meta.dir, '../../../test/golden/live');

function placeOf(wish: Wish, index: number): PlaceCommand {
  return { ...bidOf(wish, index), itemId: 'L1', idempotencyKey: null };
}

describe('on the SQLite book, the table', () => {
  for (const file of readdirSync(TABLES)) {
    test(file, async () => {
      const text = readFileSync(join(TABLES, file), 'utf8');
      expect(await runTable(text, (clock) => openLiveFileAt(':memory:', clock).book)).toBe('');
    });
  }
});

describe('the SQLite book', () => {
  test('has what it answered when nobody closed the file', async () => {
    await using folder = await openFolder();
    const path = folder.path('live.db');
    const clock = createManualClock();
    await using abandoned = openLiveFileAt(path, clock);
    const bench = benchOf({ book: abandoned.book, outboxAll: async () => [] }, clock);
    await bench.openItem();
    const amounts = Array.from({ length: 50 }, (_, index) => 60 + index * 10);
    await Promise.all(amounts.map((amount) => bench.bid({ userId: 'ann', amount })));
    const state = await abandoned.book.read('L1');
    await using found = openLiveFileAt(path, clock);
    expect(await found.book.read('L1')).toEqual(state);
    const entries = await found.outbox.read({ limit: 100, waitMs: 0 });
    expect(entries.map(({ event }) => event.seq)).toEqual(amounts.map((_, index) => index + 1));
  });

  test('tells neither a refusal nor a read before what they rest on is durable', async () => {
    await using folder = await openFolder();
    const path = folder.path('live.db');
    const clock = createManualClock();
    await using file = openLiveFileAt(path, clock);
    await using other = openLiveFileAt(path, clock);
    await file.book.open(definitionOf());
    const place = (userId: string, index: number) =>
      file.book.place(placeOf({ userId, amount: 60 }, index));
    const onDisk = () => other.index.list({ status: null, afterItemId: null, limit: 1 });
    const calls = [place('ann', 1), place('ben', 2), file.book.read('L1')];
    const found = await Promise.all(calls.map((call) => call.then(onDisk)));
    for (const [state] of found) expect(state).toMatchObject({ priceMicros: units(60) });
  });

  test('commits as soon as many decisions wait, in the midst of a turn of the event loop', async () => {
    await using folder = await openFolder();
    const path = folder.path('live.db');
    const clock = createManualClock();
    await using file = openLiveFileAt(path, clock, { limit: { decisionsPerCommit: 3 } });
    await file.book.open(definitionOf());
    using database = new Database(path, { readonly: true });
    const bidsOnDisk = database.query<{ seq: number }, []>(
      `select json_extract(state, '$.seq') as seq from item`,
    );
    const seqs = [];
    const answers = [];
    for (let index = 1; index <= 8; index++) {
      answers.push(file.book.place(placeOf({ userId: 'ann', amount: 50 + 10 * index }, index)));
      seqs.push(bidsOnDisk.get()?.seq);
    }
    expect(seqs).toEqual([0, 0, 3, 3, 3, 6, 6, 6]);
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer).toMatchObject({ kind: 'accepted', seq: index + 1 });
    }
    expect(bidsOnDisk.get()?.seq).toBe(8);
  });

  test('decides on what the bid before left, though memory is too small for the items', async () => {
    await using folder = await openFolder();
    const clock = createManualClock();
    const limit = { bookItems: 1 };
    await using file = openLiveFileAt(folder.path('live.db'), clock, { limit });
    const items = ['L1', 'L2', 'L3'];
    for (const itemId of items) await file.book.open(definitionOf({}, { itemId }));
    const places = [1, 2, 3].flatMap((round) =>
      items.map((itemId) =>
        file.book.place({
          ...placeOf({ userId: 'ann', amount: 50 + 10 * round }, round),
          itemId,
        }),
      ),
    );
    const seqs = (await Promise.all(places)).map((answer) => 'seq' in answer && answer.seq);
    expect(seqs).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    for (const itemId of items) expect(await file.book.read(itemId)).toMatchObject({ seq: 3 });
  });

  test('has each accepted bid once in the history of its item', async () => {
    await using folder = await openFolder();
    const path = folder.path('live.db');
    await using file = openLiveFileAt(path, createManualClock());
    await file.book.open(definitionOf());
    for (const first of [1, 3, 5]) {
      const bids = [first, first + 1].map((index) =>
        file.book.place(placeOf({ userId: 'ann', amount: 50 + 10 * index }, index)),
      );
      await Promise.all(bids);
    }
    using database = new Database(path, { readonly: true });
    const history = createItemRows(database).history('L1');
    expect(history.map(({ bidId }) => bidId)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `bid${n}`));
  });

  test('forgets keys that are kept long enough, as new ones come', async () => {
    const clock = createManualClock();
    const opened = await openFiledBook(clock);
    await using _book = opened.book;
    const bench = benchOf(opened, clock);
    await bench.openItem();
    const old = await bench.bid({ userId: 'ann', amount: 60, key: 'old' });
    clock.advance(IDEMPOTENCY_KEPT_MS);
    await bench.bid({ userId: 'ben', amount: 70, key: 'new1' });
    expect(await bench.bid({ userId: 'ann', amount: 60, key: 'old' })).toEqual(old);
    clock.advance(1);
    await bench.bid({ userId: 'ben', amount: 80, key: 'new2' });
    expect(await bench.bid({ userId: 'ann', amount: 60, key: 'old' })).toMatchObject({
      code: 'bid_too_low',
    });
  });
});
