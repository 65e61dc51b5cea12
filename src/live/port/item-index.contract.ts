/**
 * The contract of an item index, with the book that it shows; every driver passes the same suite.
 *
 * `loseStore` is for drivers whose store can be taken away: it does so, for good.
 */
import { describe, expect, test } from 'bun:test';
import { definitionOf } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import type { Clock } from '../../core/clock.ts';
import { type ItemBook, NotDecidedError } from './item-book.ts';
import type { ItemIndex } from './item-index.ts';

export type OpenedIndex = {
  readonly book: ItemBook;
  readonly index: ItemIndex;
  loseStore?(): Promise<void>;
};

const FIRST = { status: null, afterItemId: null, limit: 10 };

export function itemIndexContract(
  name: string,
  open: (clock: Clock) => Promise<OpenedIndex>,
): void {
  describe(name, () => {
    test('lists by rising id, in pages and by status', async () => {
      const { book, index } = await open(createManualClock());
      await using _book = book;
      for (const itemId of ['c', 'a', 'b']) await book.open(definitionOf({}, { itemId }));
      await book.close('b', { eventId: 'end', force: true });
      const ids = async (page: Partial<typeof FIRST>) =>
        (await index.list({ ...FIRST, ...page })).map(({ itemId }) => itemId);
      expect(await ids({})).toEqual(['a', 'b', 'c']);
      expect(await ids({ limit: 2 })).toEqual(['a', 'b']);
      const after = { ...FIRST, afterItemId: 'a' };
      expect((await index.list(after)).map(({ itemId }) => itemId)).toEqual(['b', 'c']);
      const ended = await index.list({ ...FIRST, status: 'ended' });
      expect(ended).toEqual([await book.read('b')].filter((state) => state !== null));
    });

    test('lists an item as active from its opening on, though nobody has bid', async () => {
      const clock = createManualClock();
      const { book, index } = await open(clock);
      await using _book = book;
      const opensAtMs = clock.nowMs() + 100;
      await book.open({ ...definitionOf({}, { itemId: 'a' }), opensAtMs });
      const ids = async (status: 'scheduled' | 'active') =>
        (await index.list({ ...FIRST, status })).map(({ itemId }) => itemId);
      expect([await ids('scheduled'), await ids('active')]).toEqual([['a'], []]);
      clock.advance(100);
      expect([await ids('scheduled'), await ids('active')]).toEqual([[], ['a']]);
    });

    test('tells what is due, the longest overdue first, until it is closed', async () => {
      const clock = createManualClock();
      const { book, index } = await open(clock);
      await using _book = book;
      const startMs = clock.nowMs();
      expect(await index.nextDueMs()).toBeNull();
      for (const [itemId, afterMs] of [
        ['a', 30],
        ['b', 10],
        ['c', 99],
      ] as const) {
        await book.open(definitionOf({}, { itemId, closesAtMs: startMs + afterMs }));
      }
      await book.open(definitionOf({}, { itemId: 'd' }));
      expect(await index.nextDueMs()).toBe(startMs + 10);
      expect(await index.due(startMs + 9, 10)).toEqual([]);
      expect(await index.due(startMs + 30, 10)).toEqual(['b', 'a']);
      expect(await index.due(startMs + 30, 1)).toEqual(['b']);
      await book.close('b', { eventId: 'end', force: true });
      expect(await index.due(startMs + 30, 10)).toEqual(['a']);
      expect(await index.nextDueMs()).toBe(startMs + 30);
    });

    test('says that it cannot be read when its store is away', async () => {
      const { book, index, loseStore } = await open(createManualClock());
      await using _book = book;
      if (loseStore === undefined) return;
      await book.open(definitionOf());
      await loseStore();
      await expect(index.list(FIRST)).rejects.toBeInstanceOf(NotDecidedError);
      await expect(index.due(0, 10)).rejects.toBeInstanceOf(NotDecidedError);
      await expect(index.nextDueMs()).rejects.toBeInstanceOf(NotDecidedError);
    });
  });
}
