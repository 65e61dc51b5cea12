import { describe, expect, test } from 'bun:test';
import { bidOf, eventOf, impOf, resultOf, units } from '../../test/support/auction.ts';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { createDeadline } from '../core/deadline.ts';
import { createRandom } from '../core/random.ts';
import { createExchange, type ExchangeParts } from './exchange.ts';
import type { BidderAnswer } from './port/demand.ts';
import type { AuctionEvent } from './rule/auction.ts';
import type { CatalogVersion } from './rule/supply.ts';
import type { Totals } from './rule/tally-view.ts';

const TMAX_MS = 200;
const IN_SPOOL = eventOf('auc_spool', resultOf(impOf(), bidOf('a', 0.5)));
const IN_ARCHIVE = eventOf('auc_archive', resultOf(impOf(), bidOf('a', 0.5)));

function catalogOf(version: number, country: string | null): CatalogVersion {
  const terms = { floorMicros: units(0.2), incrementMicros: units(0.01), bidderIds: ['a', 'b'] };
  return {
    version,
    supplies: [{ id: 'supply1', auctionType: 'second-price', ...terms }],
    bidders: [
      { id: 'a', country },
      { id: 'b', country },
    ],
  };
}

function totalsOf(auctions: number, topCount: number): Totals {
  const top = { id: 'a', totalMicros: units(1), auctions };
  return {
    auctions,
    revenueMicros: units(1),
    topBidders: Array(topCount).fill(top),
    topSupplies: [],
  };
}

const ARCHIVE: ExchangeParts['archive'] = {
  find: async (id) => (id === IN_ARCHIVE.auctionId ? IN_ARCHIVE : null),
  readTotals: async (topCount) => totalsOf(7, topCount),
};

/** Bidders answer with their entry in `answers`; time stands still. */
function openExchange(answers: Record<string, BidderAnswer | Promise<BidderAnswer>>) {
  const { clock, timers, advance } = createManualTime();
  const kept: AuctionEvent[] = [];
  const counted: [AuctionEvent, number][] = [];
  const parts: ExchangeParts = {
    demand: { call: (_, { id }) => answers[id] ?? { kind: 'error', latencyUs: 0 } },
    spool: {
      append: (event) => kept.push(event),
      find: async (id) => (id === IN_SPOOL.auctionId ? IN_SPOOL : null),
    },
    stats: {
      record: (event, position) => counted.push([event, position]),
      readSupplies: async () => new Map(),
      readTotals: async (topCount) => totalsOf(3, topCount),
    },
    archive: ARCHIVE,
    clock,
    timers,
    random: createRandom(1),
    nextAuctionId: () => 'auc_1',
  };
  const deadline = () => createDeadline(clock, TMAX_MS);
  return { exchange: createExchange(parts), parts, kept, counted, advance, deadline };
}

const bidAt = (...amounts: number[]): BidderAnswer => ({
  kind: 'bids',
  bids: amounts.map((amount) => ({ impIndex: 0, priceMicros: units(amount) })),
  latencyUs: 1_000,
});

describe('an auction of a supply', () => {
  const asked = { supplyId: 'supply1', country: 'US' };

  test('is sold under the terms of the supply, kept and counted at its position', async () => {
    const { exchange, deadline, kept, counted } = openExchange({ a: bidAt(0.9), b: bidAt(0.5) });
    exchange.useCatalog(catalogOf(4, 'US'));
    const held = await exchange.holdAuction(asked, deadline());
    expect(held).toMatchObject({
      kind: 'held',
      event: {
        auctionId: 'auc_1',
        kind: 'supply',
        tmaxMs: TMAX_MS,
        catalogVersion: 4,
        results: [{ winnerId: 'a', clearingMicros: units(0.51) }],
      },
    });
    const [event] = kept;
    expect(held).toEqual({ kind: 'held', event } as typeof held);
    expect(counted as unknown).toEqual([[event, 1]]);
  });

  test('takes the best of several bids of a bidder, and no bid for another impression', async () => {
    const elsewhere: BidderAnswer = {
      kind: 'bids',
      latencyUs: 1_000,
      bids: [{ impIndex: 1, priceMicros: units(0.9) }],
    };
    const { exchange, deadline, kept } = openExchange({ a: elsewhere, b: bidAt(0.3, 0.6, 0.4) });
    exchange.useCatalog(catalogOf(1, 'US'));
    await exchange.holdAuction(asked, deadline());
    const entries = kept[0]?.results[0]?.entries;
    expect(entries?.map(({ outcome, priceMicros }) => [outcome, priceMicros])).toEqual([
      ['no-bid', units(0)],
      ['bid', units(0.6)],
    ]);
  });

  test('sees one catalogue from start to end', async () => {
    const late = Promise.withResolvers<BidderAnswer>();
    const { exchange, deadline, kept } = openExchange({ a: late.promise, b: bidAt(0.5) });
    exchange.useCatalog(catalogOf(1, 'US'));
    const held = exchange.holdAuction(asked, deadline());
    exchange.useCatalog(catalogOf(2, 'DE'));
    late.resolve(bidAt(0.9));
    await held;
    expect(kept.map(({ catalogVersion }) => catalogVersion)).toEqual([1]);
    expect(exchange.catalogVersion()).toBe(2);
  });

  test('ends at its deadline when a bidder is silent', async () => {
    const { exchange, deadline, kept, advance } = openExchange({
      a: new Promise(() => {}),
      b: bidAt(0.5),
    });
    exchange.useCatalog(catalogOf(1, 'US'));
    const held = exchange.holdAuction(asked, deadline());
    advance(TMAX_MS);
    await held;
    const [result] = kept[0]?.results ?? [];
    expect(result?.winnerId).toBe('b');
    expect(result?.entries.map(({ reason }) => reason)).toEqual(['timeout', 'highest_bid']);
  });

  test('is not held for an unknown supply or without an eligible bidder', async () => {
    const { exchange, deadline, kept, counted } = openExchange({});
    exchange.useCatalog(catalogOf(1, 'US'));
    const elsewhere = { ...asked, supplyId: 'supply2' };
    expect(await exchange.holdAuction(elsewhere, deadline())).toEqual({ kind: 'unknown-supply' });
    const abroad = { ...asked, country: 'DE' };
    expect(await exchange.holdAuction(abroad, deadline())).toEqual({ kind: 'no-eligible-bidder' });
    expect([kept, counted]).toEqual([[], []]);
  });
});

describe('the exchange', () => {
  test('finds an auction in its spool, else in the archive', async () => {
    const { exchange, parts } = openExchange({});
    expect(await exchange.findAuction('auc_spool')).toBe(IN_SPOOL);
    expect(await exchange.findAuction('auc_archive')).toBe(IN_ARCHIVE);
    expect(await exchange.findAuction('auc_2')).toBeNull();
    const alone = createExchange({ ...parts, archive: null });
    expect(await alone.findAuction('auc_archive')).toBeNull();
  });

  test('reads its totals live or from the archive, with as many in a list as asked for', async () => {
    const { exchange, parts } = openExchange({});
    expect(await exchange.readTotals('live', 2)).toEqual(totalsOf(3, 2));
    expect(await exchange.readTotals('archive', 1)).toEqual(totalsOf(7, 1));
    const alone = createExchange({ ...parts, archive: null });
    expect(await alone.readTotals('archive', 1)).toBeNull();
    expect(await alone.readTotals('live', 1)).toEqual(totalsOf(3, 1));
  });
});
