/** The contract of an archive of ad auctions; every driver passes the same suite. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { bidOf, eventOf, impOf, resultOf } from '../../../test/support/auction.ts';
import { naiveTotals } from '../../../test/support/naive-tally.ts';
import { toMicros, ZERO_MICROS } from '../../core/money.ts';
import type { AuctionEvent } from '../rule/auction.ts';
import { EXCHANGE_LIMIT } from '../rule/limit.ts';
import type { AuctionArchive } from './auction-archive.ts';
import { anyTraffic } from './stats.contract.ts';

const NEW_YEAR_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;

function saleOf(auctionId: string, bidderId: string, amount = 0.5): AuctionEvent {
  return eventOf(auctionId, resultOf(impOf({ supplyId: 'supply1' }), bidOf(bidderId, amount)));
}

/** Traffic of several months: an archive may store each month separately. */
const someMonths = anyTraffic.map((events) =>
  events.map((event) => ({ ...event, atMs: NEW_YEAR_MS + (event.atMs % (90 * DAY_MS)) })),
);

export function auctionArchiveContract(name: string, open: () => Promise<AuctionArchive>): void {
  describe(name, () => {
    test('is empty at first', async () => {
      await using archive = await open();
      expect(await archive.find('auc_1')).toBeNull();
      const nothing = { auctions: 0, revenueMicros: ZERO_MICROS, topBidders: [], topSupplies: [] };
      expect(await archive.readTotals(10)).toEqual(nothing);
      await archive.append([]);
      expect(await archive.readTotals(10)).toEqual(nothing);
    });

    test('finds an archived auction by its id, and no other', async () => {
      await using archive = await open();
      const events = ['auc_1', 'auc_3', 'auc_2'].map((id) => saleOf(id, 'ann'));
      await archive.append(events);
      for (const event of events) expect(await archive.find(event.auctionId)).toEqual(event);
      for (const id of ['auc_', 'auc_11', '', "' or 1=1 --"]) {
        expect(await archive.find(id)).toBeNull();
      }
    });

    test('counts a repeated auction once, in the same batch and in another', async () => {
      await using archive = await open();
      const [first, second] = [saleOf('auc_1', 'ann'), saleOf('auc_2', 'bob', 0.7)];
      await archive.append([first, second, first]);
      await archive.append([second, first]);
      expect(await archive.readTotals(10)).toEqual({
        auctions: 2,
        revenueMicros: toMicros(1_200_000),
        topBidders: [
          { id: 'bob', totalMicros: toMicros(700_000), auctions: 1 },
          { id: 'ann', totalMicros: toMicros(500_000), auctions: 1 },
        ],
        topSupplies: [{ id: 'supply1', totalMicros: toMicros(1_200_000), auctions: 2 }],
      });
    });

    test('returns as many entries of each list as asked for, ties by id', async () => {
      await using archive = await open();
      await archive.append(['c', 'a', 'b'].map((id) => saleOf(`auc_${id}`, id)));
      const { topBidders } = await archive.readTotals(2);
      expect(topBidders.map(({ id }) => id)).toEqual(['a', 'b']);
    });

    test('agrees with a plain count of any traffic, with repeated events', async () => {
      await fc.assert(
        fc.asyncProperty(someMonths, fc.nat({ max: 30 }), async (events, cut) => {
          await using archive = await open();
          await archive.append(events.slice(0, cut));
          await archive.append(events.slice(Math.floor(cut / 2)));
          const totals = await archive.readTotals(EXCHANGE_LIMIT.topList);
          expect(totals as unknown).toEqual(naiveTotals(events, EXCHANGE_LIMIT.topList));
          for (const event of events) expect(await archive.find(event.auctionId)).toEqual(event);
        }),
        { numRuns: 8 },
      );
    });

    test('counts each auction once when two append the same at the same time', async () => {
      await using archive = await open();
      const ids = Array.from({ length: 500 }, (_, index) => `auc_${index}`);
      const events = ids.map((id, index) => saleOf(id, `bidder${index % 7}`));
      await Promise.all([archive.append(events), archive.append(events.toReversed())]);
      const totals = await archive.readTotals(EXCHANGE_LIMIT.topList);
      expect(totals as unknown).toEqual(naiveTotals(events, EXCHANGE_LIMIT.topList));
    });
  });
}
