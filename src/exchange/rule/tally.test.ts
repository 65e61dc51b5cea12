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
import { LIMIT } from '../../core/limit.ts';
import { type Micros, toMicros } from '../../core/money.ts';
import type { AuctionEvent } from './auction.ts';
import { addEvent, createTally, type Tally } from './tally.ts';
import { selectSupplies, selectTotals } from './tally-view.ts';

const ALL = { offset: 0, limit: Number.MAX_SAFE_INTEGER };

function tallyOf(...events: readonly AuctionEvent[]): Tally {
  const tally = createTally();
  for (const [index, event] of events.entries()) addEvent(tally, event, index + 1);
  return tally;
}

function plain(tally: Tally) {
  return {
    supplies: plainSupplies(selectSupplies(tally, ALL)),
    totals: selectTotals(tally, LIMIT.topList),
  };
}

const SOLD = eventOf('auc_1', resultOf(impOf(), bidOf('a', 0.5), silenceOf('b', 'no-bid')));

describe('a supply', () => {
  test('counts its auctions by country and its bidders by their ends', () => {
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

  test('may have a name that objects reserve', () => {
    const imp = impOf({ supplyId: '__proto__' });
    const tally = tallyOf(eventOf('auc_1', resultOf(imp, bidOf('constructor', 0.9))));
    expect(tally.supplies.get('__proto__')?.bidders.get('constructor')?.wins).toBe(1);
  });
});

describe('a bidder that spends', () => {
  test('counts an auction once, however many impressions it won in it', () => {
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

  test('leaves bidders beyond its bound out of the list and in the totals', () => {
    const answers = Array.from({ length: LIMIT.statsBiddersPerSupply }, (_, index) =>
      silenceOf(`bidder${index}`, 'no-bid'),
    );
    const tally = tallyOf(
      eventOf('auc_1', resultOf(impOf(), ...answers)),
      eventOf('auc_2', resultOf(impOf(), bidOf('one too many', 0.5))),
    );
    const supply = tally.supplies.get('supply1');
    expect(supply?.bidders.size).toBe(LIMIT.statsBiddersPerSupply);
    expect(supply?.bidders.has('one too many')).toBe(false);
    expect(supply?.revenueMicros).toBe(units(0.5));
    expect(tally.grand.revenueMicros).toBe(units(0.5));
  });

  test('says what a plain count of all events says', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        expect<unknown>(plain(tallyOf(...events))).toEqual({
          supplies: naiveSupplies(events),
          totals: naiveTotals(events, LIMIT.topList),
        });
      }),
    );
  });

  test('counts an event once, from whatever older position the log is read again', () => {
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
