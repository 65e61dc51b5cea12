import { describe, expect, test } from 'bun:test';
import { bidOf, impOf, units } from '../../../test/support/auction.ts';
import { LIMIT } from '../../core/limit.ts';
import { toMicros } from '../../core/money.ts';
import { clear } from './clear.ts';

const FIRST = impOf({ auctionType: 'first-price', floorMicros: units(0.5) });
const SECOND = impOf({
  auctionType: 'second-price',
  floorMicros: units(0.5),
  incrementMicros: units(0.01),
});

describe('a first-price auction', () => {
  test('clears at the winning bid, alone or not', () => {
    expect(clear(FIRST, bidOf('a', 0.83), bidOf('b', 0.7))).toBe(units(0.83));
    expect(clear(FIRST, bidOf('a', 0.83), undefined)).toBe(units(0.83));
  });
});

describe('a second-price auction', () => {
  test('clears one increment above the runner-up', () => {
    expect(clear(SECOND, bidOf('a', 0.83), bidOf('b', 0.7))).toBe(units(0.71));
  });

  test('never clears above the winning bid', () => {
    expect(clear(SECOND, bidOf('a', 0.83), bidOf('b', 0.825))).toBe(units(0.83));
    expect(clear(SECOND, bidOf('a', 0.83), bidOf('b', 0.83))).toBe(units(0.83));
  });

  test('never clears below the floor', () => {
    expect(clear(SECOND, bidOf('a', 0.83), bidOf('b', 0.4))).toBe(units(0.5));
  });

  test('clears a lone bid at the floor', () => {
    expect(clear(SECOND, bidOf('a', 0.83), undefined)).toBe(units(0.5));
  });

  test('clears the largest prices exactly', () => {
    const largest = { ...bidOf('a', 1), priceMicros: toMicros(LIMIT.priceMicros) };
    const next = { ...bidOf('b', 1), priceMicros: toMicros(LIMIT.priceMicros - 2) };
    const imp = { ...SECOND, incrementMicros: toMicros(1) };
    expect(clear(imp, largest, next)).toBe(toMicros(LIMIT.priceMicros - 1));
  });
});
