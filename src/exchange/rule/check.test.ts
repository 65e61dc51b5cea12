import { describe, expect, test } from 'bun:test';
import { bidOf, impOf, silenceOf, TERMS, units } from '../../../test/support/auction.ts';
import { toMicros } from '../../core/money.ts';
import { check } from './check.ts';

const IMP = impOf({ floorMicros: units(0.5) });

describe('a bid', () => {
  test('may compete above the floor and at it', () => {
    expect(check(IMP, bidOf('a', 0.6), TERMS)).toBeUndefined();
    expect(check(IMP, bidOf('a', 0.5), TERMS)).toBeUndefined();
  });

  test('is rejected one micro under the floor', () => {
    expect(check(IMP, bidOf('a', 0.499999), TERMS)).toBe('below_floor');
  });

  test('may compete at the end of the deadline and is late one microsecond after it', () => {
    const bid = bidOf('a', 0.6, TERMS.tmaxMs);
    expect(check(IMP, bid, TERMS)).toBeUndefined();
    expect(check(IMP, { ...bid, latencyUs: bid.latencyUs + 1 }, TERMS)).toBe('timeout');
  });

  test('that is late and under the floor counts as late', () => {
    expect(check(IMP, bidOf('a', 0.1, TERMS.tmaxMs + 1), TERMS)).toBe('timeout');
  });

  test('of zero or less is invalid, also without a floor', () => {
    const free = impOf({ floorMicros: toMicros(0) });
    expect(check(free, bidOf('a', 0), TERMS)).toBe('invalid_price');
    expect(check(free, bidOf('a', -1), TERMS)).toBe('invalid_price');
    expect(check(free, bidOf('a', 0.000001), TERMS)).toBeUndefined();
  });
});

describe('an answer without a bid', () => {
  test.each([
    ['no-bid', 'no_bid'],
    ['timeout', 'timeout'],
    ['error', 'error'],
  ] as const)('%s ends as %s', (outcome, reason) => {
    expect(check(IMP, silenceOf('a', outcome), TERMS)).toBe(reason);
  });
});
