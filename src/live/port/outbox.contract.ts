/** The contract of an outbox, with the book that fills it; every driver passes the same suite. */
import { describe, expect, test } from 'bun:test';
import { bidOf, definitionOf } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import type { Clock } from '../../core/clock.ts';
import type { ItemBook } from './item-book.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';

export type OpenedOutbox = {
  readonly book: ItemBook;
  readonly outbox: Outbox;
  reopen(): Promise<OpenedOutbox>;
};

const ALL = { limit: 1_000, waitMs: 0 };

function seqs(entries: readonly OutboxEntry[]): number[] {
  return entries.map(({ event }) => event.seq);
}

async function bid(book: ItemBook, count: number, from = 0): Promise<void> {
  await book.open(definitionOf());
  const places = Array.from({ length: count }, (_, index) => {
    const command = bidOf({ userId: 'ann', amount: 60 + (from + index) * 10 }, from + index);
    return book.place({ ...command, itemId: 'L1', idempotencyKey: null });
  });
  await Promise.all(places);
}

export function outboxContract(name: string, open: (clock: Clock) => Promise<OpenedOutbox>): void {
  describe(name, () => {
    test('gives each entry once, in order, by rising positions', async () => {
      const { book, outbox } = await open(createManualClock());
      await using _book = book;
      await bid(book, 5);
      const entries = [
        ...(await outbox.read({ limit: 2, waitMs: 0 })),
        ...(await outbox.read(ALL)),
      ];
      expect(seqs(entries)).toEqual([1, 2, 3, 4, 5]);
      const positions = entries.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].toSorted((left, right) => left - right));
      expect(await outbox.read(ALL)).toEqual([]);
    });

    test('wakes a reader that waits', async () => {
      const { book, outbox } = await open(createManualClock());
      await using _book = book;
      const reading = outbox.read({ limit: 10, waitMs: 60_000 });
      await bid(book, 1);
      expect(seqs(await reading)).toEqual([1]);
    });

    test('gives again after a restart what was not acked, also with new entries behind', async () => {
      const opened = await open(createManualClock());
      await bid(opened.book, 5);
      const [, second] = await opened.outbox.read(ALL);
      await opened.outbox.ack(second?.position ?? 0);
      const { book, outbox } = await opened.reopen();
      await using _book = book;
      await bid(book, 2, 5);
      expect(seqs(await outbox.read(ALL))).toEqual([3, 4, 5, 6, 7]);
    });

    test('goes on behind what was trimmed', async () => {
      const opened = await open(createManualClock());
      await bid(opened.book, 3);
      const last = (await opened.outbox.read(ALL)).at(-1)?.position ?? 0;
      await opened.outbox.ack(last);
      await bid(opened.book, 1, 3);
      const { book, outbox } = await opened.reopen();
      await using _book = book;
      const [entry] = await outbox.read(ALL);
      expect(entry?.event.seq).toBe(4);
      expect(entry?.position).toBeGreaterThan(last);
    });

    test('tells how many are not acked, and since when', async () => {
      const clock = createManualClock();
      const { book, outbox } = await open(clock);
      await using _book = book;
      expect(await outbox.backlog()).toEqual({ events: 0, oldestAtMs: null });
      const firstMs = clock.nowMs();
      await bid(book, 1);
      clock.advance(50);
      await bid(book, 2, 1);
      expect(await outbox.backlog()).toEqual({ events: 3, oldestAtMs: firstMs });
      const [entry] = await outbox.read(ALL);
      await outbox.ack(entry?.position ?? 0);
      expect(await outbox.backlog()).toEqual({ events: 2, oldestAtMs: firstMs + 50 });
    });
  });
}
