import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { itemOf, units } from '../../../test/support/live-item.ts';
import { MICROS_PER_CENT, type Micros, toMicros } from '../../core/money.ts';
import { DOLLAR, findCurrency } from './currency.ts';
import { DEFINITION_LIMIT, FIRST_SIGHT_POLICY } from './definition.ts';
import { incrementAt, leastNext } from './increment.ts';
import type { IncrementPolicy } from './item.ts';
import { LIVE_LIMIT } from './limit.ts';

const LADDER: IncrementPolicy = {
  kind: 'ladder',
  steps: [
    { belowMicros: units(20), incrementMicros: units(0.5) },
    { belowMicros: units(200), incrementMicros: units(1) },
    { belowMicros: null, incrementMicros: units(5) },
  ],
};

function percent(basisPoints: number, least: number): IncrementPolicy {
  return { kind: 'percent', basisPoints, leastMicros: units(least) };
}

function at(increment: IncrementPolicy, priceMicros: Micros, code = 'USD'): Micros {
  return incrementAt(
    { ...FIRST_SIGHT_POLICY, increment, currency: findCurrency(code) ?? DOLLAR },
    priceMicros,
  );
}

describe('the least next amount', () => {
  test('is the start price before the first bid', () => {
    const item = itemOf();
    expect(leastNext(item, item.policy)).toBe(units(50));
  });

  test('is one increment above the price afterwards', () => {
    const item = { ...itemOf(), leaderId: 'ann', priceMicros: units(70) };
    expect(leastNext(item, item.policy)).toBe(units(80));
  });

  test('is a cent, then a cent more, on an item that nobody opened', () => {
    const item = itemOf(FIRST_SIGHT_POLICY);
    expect(leastNext(item, item.policy)).toBe(units(0.01));
    const led = { ...item, leaderId: 'ann', priceMicros: units(0.01) };
    expect(leastNext(led, item.policy)).toBe(units(0.02));
  });
});

describe('an increment', () => {
  test('of a percentage is rounded up to a cent', () => {
    expect(at(percent(250, 0.01), units(100.1))).toBe(units(2.51));
    expect(at(percent(250, 0.01), units(100))).toBe(units(2.5));
  });

  test('of a percentage is at least the least', () => {
    expect(at(percent(250, 3), units(100))).toBe(units(3));
  });

  test('of a percentage is exact up to the largest price', () => {
    const price = toMicros(LIVE_LIMIT.priceMicros - 1);
    expect(at(percent(10_000, 0.01), price)).toBe(toMicros(LIVE_LIMIT.priceMicros));
  });

  test('of a percentage is rounded up to the minor unit of the currency', () => {
    for (const [code, price, least] of [
      ['JPY', 1001, 51],
      ['USD', 1001, 50.05],
      ['USD', 1.01, 0.06],
      ['KWD', 1.01, 0.051],
      ['KWD', 100, 5],
    ] as const) {
      expect(at(percent(500, 0.001), units(price), code)).toBe(units(least));
    }
  });

  test('of a ladder changes at the bound itself', () => {
    expect(at(LADDER, units(19.99))).toBe(units(0.5));
    expect(at(LADDER, units(20))).toBe(units(1));
    expect(at(LADDER, units(199.99))).toBe(units(1));
    expect(at(LADDER, units(1_000_000))).toBe(units(5));
  });

  test('of a percentage is the exact share, raised by less than a cent', () => {
    const prices = fc.integer({ min: 1, max: LIVE_LIMIT.priceMicros }).map(toMicros);
    const points = fc.integer({ min: 1, max: DEFINITION_LIMIT.incrementBasisPoints });
    fc.assert(
      fc.property(prices, points, (price, basisPoints) => {
        const policy = { kind: 'percent', basisPoints, leastMicros: toMicros(1) } as const;
        const scaled = BigInt(at(policy, price)) * 10_000n;
        const exact = BigInt(price) * BigInt(basisPoints);
        expect(scaled >= exact).toBe(true);
        expect(scaled - exact < BigInt(MICROS_PER_CENT) * 10_000n).toBe(true);
      }),
    );
  });
});
