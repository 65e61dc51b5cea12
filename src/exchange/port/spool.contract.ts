/** The contract of `Spool` drivers: order, positions, and durability after `flush`. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { anyEvent, bidOf, eventOf, impOf, resultOf } from '../../../test/support/auction.ts';
import type { Clock } from '../../core/clock.ts';
import { logContract, type OpenedLog } from '../../flow/log.contract.ts';
import type { AuctionEvent } from '../rule/auction.ts';
import type { Spool, SpoolEntry } from './spool.ts';

type OpenSpool = AsyncDisposable & { readonly spool: Spool };

/** A new empty store, deleted on disposal. Reopened, it holds what was flushed. */
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

function noneLost(events: number): void {
  throw new Error(`${events} events are lost`);
}

const ALL = { limit: 100, waitMs: 0 };

/** As if one id maker had made them: each event has its own id. */
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

    test('returns positions that rise by one, also across flushes', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      const first = appendNamed(opened.spool, 'a', 'b', 'c');
      await opened.spool.flush();
      const second = appendNamed(opened.spool, 'd', 'e');
      const start = first[0] ?? 0;
      expect(start).toBeGreaterThan(0);
      expect([...first, ...second]).toEqual([0, 1, 2, 3, 4].map((index) => start + index));
    });

    test('is read in order, including events not flushed yet', async () => {
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

    test('can be read from any position', async () => {
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

    test('finds nothing under an id that sorts between stored ones', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      appendNamed(opened.spool, 'auc_1', 'auc_3');
      for (const id of ['auc_2', 'auc_', 'auc_11', 'zzz', '', "' or 1=1 --", '__proto__']) {
        expect(await opened.spool.find(id)).toBeNull();
      }
    });

    test('reopened, keeps what was flushed and continues the positions', async () => {
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

    test('each reader has its own position', async () => {
      await using store = await openStore();
      {
        await using opened = await store.open();
        const first = opened.spool.reader('archive', noneLost);
        const second = opened.spool.reader('notices', noneLost);
        appendNamed(opened.spool, 'a', 'b', 'c');
        await first.ack((await first.read(ALL)).at(-1)?.position ?? 0);
        const [only] = await second.read({ limit: 1, waitMs: 0 });
        await second.ack(only?.position ?? 0);
        await opened.spool.flush();
      }
      await using again = await store.open();
      appendNamed(again.spool, 'd');
      const rest = async (name: string) =>
        (await again.spool.reader(name, noneLost).read(ALL))
          .map(({ event }) => event.auctionId)
          .join('');
      expect([await rest('archive'), await rest('notices')]).toEqual(['d', 'bcd']);
    });

    test('a reader cannot ack events that it has not read', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      const reader = opened.spool.reader('archive', noneLost);
      appendNamed(opened.spool, 'a', 'b');
      const [only] = await reader.read({ limit: 1, waitMs: 0 });
      await reader.ack((only?.position ?? 0) + 1);
      expect((await reader.backlog()).events).toBe(1);
    });

    test('returns any events unchanged, also when reopened', async () => {
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

  logContract(`a reader of the spool in ${name}`, async (clock) =>
    openReader(await openStore(), { clock, appended: 0 }),
  );
}

async function openReader(
  store: SpoolStore,
  { clock, appended }: { clock: Clock; appended: number },
): Promise<OpenedLog<AuctionEvent>> {
  const opened = await store.open();
  const { spool } = opened;
  let number = appended;
  return {
    log: spool.reader('archive', noneLost),
    numberOf: ({ auctionId }) => Number(auctionId.slice('auc_'.length)),
    async append(count) {
      for (let more = 0; more < count; more++) {
        spool.append({ ...eventNamed(`auc_${++number}`), atMs: clock.nowMs() });
      }
      await spool.flush();
    },
    async reopen() {
      await opened[Symbol.asyncDispose]();
      return openReader(store, { clock, appended: number });
    },
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
