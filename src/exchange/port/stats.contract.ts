/** The contract of `Stats` drivers: counts are exact, at once and for the next process. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { anyEvent, bidOf, eventOf, impOf, resultOf, units } from '../../../test/support/auction.ts';
import { naiveSupplies, naiveTotals, plainSupplies } from '../../../test/support/naive-tally.ts';
import { toMicros, ZERO_MICROS } from '../../core/money.ts';
import type { AuctionEvent } from '../rule/auction.ts';
import { EXCHANGE_LIMIT } from '../rule/limit.ts';
import type { Spool } from './spool.ts';
import type { Stats } from './stats.ts';

/** The statistics with the spool whose events they count. */
export type OpenStats = AsyncDisposable & { readonly stats: Stats; readonly spool: Spool };

/** A new empty store, deleted on disposal. Reopened, it holds what was flushed. */
export type StatsStore = AsyncDisposable & { open(): Promise<OpenStats> };

const ALL_SUPPLIES = { offset: 0, limit: Number.MAX_SAFE_INTEGER };

/** Traffic of few supplies and bidders, so that the same ids come up often. */
export const anyTraffic: fc.Arbitrary<AuctionEvent[]> = fc
  .array(fc.record({ event: anyEvent, shift: fc.nat({ max: 4 }) }), { maxLength: 30 })
  .map((drawn) =>
    drawn.map(({ event, shift }, index) => ({
      ...event,
      auctionId: `auc_${index}`,
      results: event.results.map((result, place) => ({
        ...result,
        imp: { ...result.imp, supplyId: `supply${place * 5 + shift}` },
      })),
    })),
  );

export function holdAll({ stats, spool }: OpenStats, events: readonly AuctionEvent[]): void {
  for (const event of events) stats.record(event, spool.append(event));
}

/** All readable values, in the form of a plain count. */
export async function readAll(stats: Stats): Promise<unknown> {
  return {
    supplies: plainSupplies(await stats.readSupplies(ALL_SUPPLIES)),
    totals: await stats.readTotals(EXCHANGE_LIMIT.topList),
  };
}

export function countAll(events: readonly AuctionEvent[]): unknown {
  return { supplies: naiveSupplies(events), totals: naiveTotals(events, EXCHANGE_LIMIT.topList) };
}

/** A sale of `supplyId` to `bidderId`. */
export function saleOf(supplyId: string, bidderId = 'bidder1', amount = 0.5): AuctionEvent {
  return eventOf(`auc_${supplyId}`, resultOf(impOf({ supplyId }), bidOf(bidderId, amount)));
}

export function statsContract(name: string, openStore: () => Promise<StatsStore>): void {
  describe(`statistics in ${name}`, () => {
    test('are empty at first', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      expect((await opened.stats.readSupplies(ALL_SUPPLIES)).size).toBe(0);
      expect(await opened.stats.readTotals(10)).toEqual({
        auctions: 0,
        revenueMicros: ZERO_MICROS,
        topBidders: [],
        topSupplies: [],
      });
    });

    test('include a recorded auction at once', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      for (let count = 1; count <= 3; count++) {
        holdAll(opened, [saleOf('supply1')]);
        const supplies = await opened.stats.readSupplies({ supplyId: 'supply1' });
        expect(supplies.get('supply1')?.requests).toBe(count);
        expect((await opened.stats.readTotals(1)).auctions).toBe(count);
      }
    });

    test('are the same for the next process after a flush', async () => {
      await using store = await openStore();
      const events = ['b', 'a', 'c', 'a'].map((id) => saleOf(id, `bidder-${id}`));
      {
        await using opened = await store.open();
        holdAll(opened, events);
        await opened.stats.flush();
      }
      await using again = await store.open();
      expect(await readAll(again.stats)).toEqual(countAll(events));
    });

    test('go on counting in the next process', async () => {
      await using store = await openStore();
      const events = ['b', 'a', 'c', 'a', 'z', 'b'].map((id) => saleOf(id));
      for (const event of events) {
        await using opened = await store.open();
        holdAll(opened, [event]);
        await opened.stats.flush();
      }
      await using again = await store.open();
      expect(await readAll(again.stats)).toEqual(countAll(events));
    });

    test('do not change when flushed twice, or with nothing new', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      await opened.stats.flush();
      holdAll(opened, [saleOf('a')]);
      await opened.stats.flush();
      await opened.stats.flush();
      expect(await readAll(opened.stats)).toEqual(countAll([saleOf('a')]));
    });

    test('are exact under any traffic, before and after reopening', async () => {
      await fc.assert(
        fc.asyncProperty(anyTraffic, fc.nat({ max: 30 }), async (events, cut) => {
          await using store = await openStore();
          {
            await using opened = await store.open();
            holdAll(opened, events.slice(0, cut));
            expect(await readAll(opened.stats)).toEqual(countAll(events.slice(0, cut)));
            await opened.stats.flush();
          }
          await using again = await store.open();
          holdAll(again, events.slice(cut));
          expect(await readAll(again.stats)).toEqual(countAll(events));
        }),
        { numRuns: 20 },
      );
    });

    test('are paged in the order of the first auction, in the next process too', async () => {
      await using store = await openStore();
      const ids = ['z', 'b', 'a', 'm', 'c'];
      {
        await using opened = await store.open();
        holdAll(
          opened,
          [...ids, ...ids.toReversed()].map((id) => saleOf(id)),
        );
        expect(await pagesOf(opened.stats, 2)).toEqual([['z', 'b'], ['a', 'm'], ['c'], []]);
        await opened.stats.flush();
      }
      await using again = await store.open();
      expect(await pagesOf(again.stats, 2)).toEqual([['z', 'b'], ['a', 'm'], ['c'], []]);
    });

    test('return one supply alone, or none when it is unknown', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      holdAll(opened, [saleOf('a'), saleOf('b')]);
      expect([...(await opened.stats.readSupplies({ supplyId: 'b' })).keys()]).toEqual(['b']);
      for (const supplyId of ['c', '__proto__', "' or 1=1 --"]) {
        expect((await opened.stats.readSupplies({ supplyId })).size).toBe(0);
      }
    });

    test('list the top bidders and the top supplies, ties by id', async () => {
      await using store = await openStore();
      await using opened = await store.open();
      holdAll(opened, [saleOf('b', 'q', 0.5), saleOf('a', 'p', 0.5), saleOf('c', 'r', 0.9)]);
      const { topBidders, topSupplies } = await opened.stats.readTotals(2);
      expect(topBidders).toEqual([
        { id: 'r', totalMicros: units(0.9), auctions: 1 },
        { id: 'p', totalMicros: units(0.5), auctions: 1 },
      ]);
      expect(topSupplies.map(({ id }) => id)).toEqual(['c', 'a']);
    });

    test('keep a sum at the largest safe integer, in the next process too', async () => {
      await using store = await openStore();
      const largest = toMicros(Number.MAX_SAFE_INTEGER - 1);
      const [result] = saleOf('a').results;
      const event = eventOf('auc_1', { ...(result ?? resultOf(impOf())), clearingMicros: largest });
      {
        await using opened = await store.open();
        holdAll(opened, [event, event]);
        await opened.stats.flush();
      }
      await using again = await store.open();
      const { revenueMicros } = await again.stats.readTotals(1);
      expect(revenueMicros).toBe(toMicros(Number.MAX_SAFE_INTEGER));
    });
  });
}

async function pagesOf(stats: Stats, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let offset = 0; pages.at(-1)?.length !== 0; offset += limit) {
    pages.push([...(await stats.readSupplies({ offset, limit })).keys()]);
  }
  return pages;
}
