/** What every driver of `Spool` must keep: order, positions, and durability after `flush`. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { anyEvent, bidOf, eventOf, impOf, resultOf } from '../../../test/support/auction.ts';
import type { AuctionEvent } from '../rule/auction.ts';
import type { Spool, SpoolEntry } from './spool.ts';

type OpenSpool = AsyncDisposable & { readonly spool: Spool };

/** A new empty store, gone when it is disposed of. Opened again it holds what was flushed. */
export type SpoolStore = AsyncDisposable & { open(): Promise<OpenSpool> };

function eventNamed(auctionId: string): AuctionEvent {
  return eventOf(auctionId, resultOf(impOf(), bidOf('bidder1', 0.83)));
}

function appendNamed(spool: Spool, ...auctionIds: readonly string[]): number[] {
  return auctionIds.map((id) => spool.append(eventNamed(id)));
}

function readAll(spool: Spool, afterPosition = 0): SpoolEntry[] {
  return [...spool.read(afterPosition)];
}

function namesAfter(spool: Spool, position: number): string[] {
  return readAll(spool, position).map(({ event }) => event.auctionId);
}

/** As if they were made by one id maker: each event has a name of its own. */
const anyEvents = fc
  .array(anyEvent, { maxLength: 10 })
  .map((events) => events.map((event, index) => ({ ...event, auctionId: `auc_${index}` })));

export function spoolContract(name: string, openStore: () => Promise<SpoolStore>): void {
  describe(`a spool in ${name}`, () => {
    test('is empty at first', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      expect(readAll(opened.spool)).toEqual([]);
      expect(await opened.spool.find('auc_1')).toBeNull();
      await opened.spool.flush();
      expect(readAll(opened.spool)).toEqual([]);
    });

    test('gives positions that rise by one, over flushes too', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      const first = appendNamed(opened.spool, 'a', 'b', 'c');
      await opened.spool.flush();
      const second = appendNamed(opened.spool, 'd', 'e');
      const start = first[0] ?? 0;
      expect(start).toBeGreaterThan(0);
      expect([...first, ...second]).toEqual([0, 1, 2, 3, 4].map((index) => start + index));
    });

    test('is read in order, with what was not flushed yet', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      const flushed = appendNamed(opened.spool, 'b', 'a');
      await opened.spool.flush();
      const pending = appendNamed(opened.spool, 'c');
      expect(readAll(opened.spool)).toEqual([
        { position: flushed[0] ?? 0, event: eventNamed('b') },
        { position: flushed[1] ?? 0, event: eventNamed('a') },
        { position: pending[0] ?? 0, event: eventNamed('c') },
      ]);
    });

    test('is read after any position', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      const positions = appendNamed(opened.spool, 'a', 'b');
      await opened.spool.flush();
      positions.push(...appendNamed(opened.spool, 'c', 'd'));
      const rests = positions.map((position) => namesAfter(opened.spool, position).join(''));
      expect(rests).toEqual(['bcd', 'cd', 'd', '']);
      expect(namesAfter(opened.spool, (positions[3] ?? 0) + 100)).toEqual([]);
    });

    test('finds an auction by its id, flushed or not', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      appendNamed(opened.spool, 'auc_2', 'auc_1', 'auc_3');
      await opened.spool.flush();
      appendNamed(opened.spool, 'auc_9', 'auc_0');
      for (const id of ['auc_0', 'auc_1', 'auc_2', 'auc_3', 'auc_9']) {
        expect(await opened.spool.find(id)).toEqual(eventNamed(id));
      }
    });

    test('finds nothing under an id between those that it keeps', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      appendNamed(opened.spool, 'auc_1', 'auc_3');
      for (const id of ['auc_2', 'auc_', 'auc_11', 'zzz', '', "' or 1=1 --", '__proto__']) {
        expect(await opened.spool.find(id)).toBeNull();
      }
    });

    test('keeps what was flushed and goes on with the positions when it is opened again', async () => {
      await using store = await openStore();
      const positions: number[] = [];
      for (const names of [['a', 'b'], ['c'], ['d', 'e']]) {
        await using opened = await store.open();
        positions.push(...appendNamed(opened.spool, ...names));
        await opened.spool.flush();
      }
      await using opened = await store.open();
      expect(namesAfter(opened.spool, 0).join('')).toBe('abcde');
      expect(positions).toEqual(readAll(opened.spool).map(({ position }) => position));
      expect(positions.every((position, index) => position === (positions[0] ?? 0) + index)).toBe(
        true,
      );
      expect(await opened.spool.find('c')).toEqual(eventNamed('c'));
    });

    test('keeps how far was carried, and never goes back', async () => {
      await using store = await openStore();
      {
        await using opened = await store.open();
        expect([opened.spool.carriedPosition(), opened.spool.lastPosition()]).toEqual([0, 0]);
        const [first = 0, , third = 0] = appendNamed(opened.spool, 'a', 'b', 'c');
        opened.spool.setCarried(third);
        opened.spool.setCarried(first);
        expect(opened.spool.carriedPosition()).toBe(third);
        expect(opened.spool.lastPosition()).toBe(third);
        await opened.spool.flush();
      }
      await using again = await store.open();
      expect(again.spool.carriedPosition()).toBe(again.spool.lastPosition());
      const [next = 0] = appendNamed(again.spool, 'd');
      expect(namesAfter(again.spool, again.spool.carriedPosition())).toEqual(['d']);
      expect(next).toBe(again.spool.carriedPosition() + 1);
    });

    test('gives back any events as they were, also after opening again', async () => {
      await fc.assert(
        fc.asyncProperty(anyEvents, fc.nat({ max: 10 }), async (events, flushAfter) => {
          await using store = await openStore();
          {
            await using opened = await store.open();
            for (const [index, event] of events.entries()) {
              if (index === flushAfter) await opened.spool.flush();
              opened.spool.append(event);
            }
            await opened.spool.flush();
          }
          await using again = await store.open();
          expect(readAll(again.spool).map(({ event }) => event)).toEqual(events);
          for (const event of events)
            expect(await again.spool.find(event.auctionId)).toEqual(event);
        }),
        { numRuns: 20 },
      );
    });
  });
}
