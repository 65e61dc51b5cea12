import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTable } from '../../../test/golden/live-table.ts';
import { benchOf } from '../../../test/support/item-book-bench.ts';
import { bidOf, definitionOf, units } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import {
  openFiledBook,
  openLiveFileAt,
  openTemporaryFolder,
} from '../../../test/support/opened-live-file.ts';
import { itemBookContract } from '../../live/port/item-book.contract.ts';
import { IDEMPOTENCY_KEPT_MS } from '../../live/port/item-book.ts';

itemBookContract('the SQLite book', ({ clock }) => openFiledBook(clock));

const TABLES = join(import.meta.dir, '../../../test/golden/live');

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
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, 'live.db');
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
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, 'live.db');
    const clock = createManualClock();
    await using file = openLiveFileAt(path, clock);
    await using other = openLiveFileAt(path, clock);
    await file.book.open(definitionOf());
    const place = (userId: string, index: number) =>
      file.book.place({
        ...bidOf({ userId, amount: 60 }, index),
        itemId: 'L1',
        idempotencyKey: null,
      });
    const onDisk = () => other.index.list({ status: null, afterItemId: null, limit: 1 });
    const calls = [place('ann', 1), place('ben', 2), file.book.read('L1')];
    const found = await Promise.all(calls.map((call) => call.then(onDisk)));
    for (const [state] of found) expect(state).toMatchObject({ priceMicros: units(60) });
  });

  test('decides more in one turn than one commit holds', async () => {
    const opened = await openFiledBook(createManualClock());
    await using book = opened.book;
    await book.open(definitionOf({ increment: { kind: 'fixed', amountMicros: units(1) } }));
    const places = Array.from({ length: 10_000 }, (_, index) =>
      book.place({
        ...bidOf({ userId: 'ann', amount: 60 + index }, index),
        itemId: 'L1',
        idempotencyKey: null,
      }),
    );
    const answers = await Promise.all(places);
    expect(answers.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(await opened.outboxAll()).toHaveLength(10_000);
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
