import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  anyEvent,
  bidOf,
  eventOf,
  impOf,
  resultOf,
  silenceOf,
  units,
} from '../../../test/support/auction.ts';
import { naiveSupplies, naiveTotals, plainSupplies } from '../../../test/support/naive-tally.ts';
import { type Micros, toMicros } from '../../core/money.ts';
import type { AuctionEvent } from './auction.ts';
import { EXCHANGE_LIMIT, type TallyBounds } from './limit.ts';
import { addEvent, createTally, type Tally } from './tally.ts';
import { selectSupplies, selectTotals } from './tally-view.ts';

const ALL = { offset: 0, limit: Number.MAX_SAFE_INTEGER };

function tallyOf(...events: readonly AuctionEvent[]): Tally {
  return tallyWithin({}, ...events);
}

function tallyWithin(bounds: Partial<TallyBounds>, ...events: readonly AuctionEvent[]): Tally {
  const tally = createTally({ ...EXCHANGE_LIMIT.tally, ...bounds });
  for (const [index, event] of events.entries()) addEvent(tally, event, index + 1);
  return tally;
}

function plain(tally: Tally) {
  return {
    supplies: plainSupplies(selectSupplies(tally, ALL)),
    totals: selectTotals(tally, EXCHANGE_LIMIT.topList),
  };
}

function saleOf(supplyId: string, bidderId = 'a'): AuctionEvent {
  return eventOf('auc_1', resultOf(impOf({ supplyId }), bidOf(bidderId, 0.5)));
}

const SOLD = eventOf('auc_1', resultOf(impOf(), bidOf('a', 0.5), silenceOf('b', 'no-bid')));

describe('a supply', () => {
  test('counts its auctions by country and its bidders by their states', () => {
    const late = resultOf(impOf({ country: null }), bidOf('a', 0.9, 201), bidOf('b', 0.3));
    expect(plainSupplies(selectSupplies(tallyOf(SOLD, eventOf('auc_2', late)), ALL))).toEqual([
      [
        'supply1',
        {
          requests: 2,
          revenueMicros: 800_000,
          byCountry: { US: 1, unknown: 1 },
          bidders: {
            a: { wins: 1, revenueMicros: units(0.5), noBids: 0, timeouts: 1 },
            b: { wins: 1, revenueMicros: units(0.3), noBids: 1, timeouts: 0 },
          },
        },
      ],
    ]);
  });

  test('counts what was paid, not what was bid', () => {
    const imp = impOf({ auctionType: 'second-price', floorMicros: units(0.2) });
    const { supplies, grand } = tallyOf(eventOf('auc_1', resultOf(imp, bidOf('a', 0.9))));
    expect(supplies.get('supply1')?.bidders.get('a')?.revenueMicros).toBe(units(0.2));
    expect(grand.revenueMicros).toBe(units(0.2));
  });

  test('may have the name of an object property', () => {
    const imp = impOf({ supplyId: '__proto__' });
    const tally = tallyOf(eventOf('auc_1', resultOf(imp, bidOf('constructor', 0.9))));
    expect(tally.supplies.get('__proto__')?.bidders.get('constructor')?.wins).toBe(1);
  });
});

describe('a bidder that spends', () => {
  test('counts an auction once, however many of its impressions it won', () => {
    const imps = ['supply1', 'supply2', 'supply3'].map((supplyId) => impOf({ supplyId }));
    const event = eventOf('auc_1', ...imps.map((imp) => resultOf(imp, bidOf('a', 0.5))));
    const { spentMicros, auctions } = tallyOf(event).spenders.get('a') ?? {};
    expect([spentMicros, auctions]).toEqual([units(1.5), 1]);
  });
});

describe('a tally', () => {
  test('stays at the largest safe integer instead of losing its last digits', () => {
    const largest: Micros = toMicros(Number.MAX_SAFE_INTEGER - 1);
    const result = { ...resultOf(impOf(), bidOf('a', 0.5)), clearingMicros: largest };
    const { grand, supplies, spenders } = tallyOf(eventOf('1', result), eventOf('2', result));
    for (const micros of [
      grand.revenueMicros,
      supplies.get('supply1')?.revenueMicros,
      spenders.get('a')?.spentMicros,
    ]) {
      expect(micros).toBe(toMicros(Number.MAX_SAFE_INTEGER));
    }
  });

  test('counts supplies beyond its bound in the totals only', () => {
    const tally = tallyWithin({ supplies: 2 }, saleOf('a'), saleOf('b'), saleOf('c'), saleOf('a'));
    expect([...tally.supplies.keys()]).toEqual(['a', 'b']);
    expect(tally.supplies.get('a')?.requests).toBe(2);
    expect(tally.grand).toMatchObject({ auctions: 4, revenueMicros: units(2) });
  });

  test('counts spending bidders beyond its bound in the totals only', () => {
    const sales = ['a', 'b', 'c', 'a'].map((bidderId) => saleOf('supply1', bidderId));
    const tally = tallyWithin({ bidders: 2 }, ...sales);
    expect([...tally.spenders.keys()]).toEqual(['a', 'b']);
    expect(tally.spenders.get('a')?.auctions).toBe(2);
    expect(tally.grand.revenueMicros).toBe(units(2));
  });

  test('counts bidders of a supply beyond its bound in the totals only', () => {
    const sales = ['a', 'b', 'c', 'a'].map((bidderId) => saleOf('supply1', bidderId));
    const tally = tallyWithin({ biddersPerSupply: 2 }, ...sales);
    const supply = tally.supplies.get('supply1');
    expect([...(supply?.bidders.keys() ?? [])]).toEqual(['a', 'b']);
    expect(supply?.bidders.get('a')?.wins).toBe(2);
    expect(supply).toMatchObject({ requests: 4, revenueMicros: units(2) });
    expect(tally.bidderCounters).toBe(2);
  });

  test('leaves bidders beyond its bound for all supplies out of every list', () => {
    const sales = ['s1', 's2', 's3', 's1'].map((supplyId) => saleOf(supplyId));
    const tally = tallyWithin({ counters: 2 }, ...sales);
    const bidders = Array.from(tally.supplies.values(), (supply) => supply.bidders.get('a')?.wins);
    expect(bidders).toEqual([2, 1, undefined]);
    expect(tally.supplies.get('s3')?.revenueMicros).toBe(units(0.5));
  });

  test('agrees with a plain count of all events', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        expect<unknown>(plain(tallyOf(...events))).toEqual({
          supplies: naiveSupplies(events),
          totals: naiveTotals(events, EXCHANGE_LIMIT.topList),
        });
      }),
    );
  });

  test('counts an event once, when the log is read again from any older position', () => {
    const anyLog = fc.array(anyEvent, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat({ max: 11 })), (events, starts) => {
        const tally = tallyOf(...events);
        const once = plain(tally);
        for (const start of starts) {
          for (const [index, event] of events.entries()) {
            if (index >= start) addEvent(tally, event, index + 1);
          }
        }
        expect(plain(tally)).toEqual(once);
      }),
    );
  });

  test('is exact when its counters were saved at different moments', () => {
    const anyLog = fc.array(anyEvent, { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(anyLog, fc.nat({ max: 11 }), fc.nat({ max: 11 }), (events, one, other) => {
        const early = tallyOf(...events.slice(0, Math.min(one, other)));
        const late = tallyOf(...events.slice(0, Math.max(one, other)));
        const mixed = { ...late, supplies: early.supplies };
        for (const [index, event] of events.entries()) addEvent(mixed, event, index + 1);
        expect(plain(mixed)).toEqual(plain(tallyOf(...events)));
      }),
    );
  });
});
