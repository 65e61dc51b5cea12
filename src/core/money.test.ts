import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { LIMIT } from './limit.ts';
import {
  addMicros,
  decimalFromMicros,
  type Micros,
  maxMicros,
  microsFromDecimal,
  minMicros,
  toMicros,
} from './money.ts';

const anyPrice = fc.integer({ min: 0, max: LIMIT.priceMicros }).map(toMicros);

describe('a decimal amount', () => {
  test.each([
    [0, 0],
    [0.83, 830_000],
    [150.5, 150_500_000],
    [0.000001, 1],
    [0.1, 100_000],
    [0.3, 300_000],
    [999_999.999999, 999_999_999_999],
    [-1.5, -1_500_000],
  ])('%p is %p micros', (amount, micros) => {
    expect(microsFromDecimal(amount)).toBe(toMicros(micros));
  });

  test.each([
    [1e-7, 'a tenth of a micro'],
    [0.1 + 0.2, 'the rounding error of a sum'],
    [0.8300001, 'a seventh decimal'],
    [1e10, 'more micros than a safe integer holds'],
    [1e300, 'a huge number'],
    [Number.MIN_VALUE, 'the least number'],
    [Number.POSITIVE_INFINITY, 'infinity'],
    [Number.NaN, 'not a number'],
  ])('%p is refused: %s', (amount) => {
    expect(microsFromDecimal(amount)).toBeUndefined();
  });

  test('survives the round trip, for every price that is allowed', () => {
    fc.assert(
      fc.property(anyPrice, (micros) => {
        expect(microsFromDecimal(decimalFromMicros(micros))).toBe(micros);
      }),
    );
  });

  test('is read exactly or refused, whatever the number', () => {
    fc.assert(
      fc.property(fc.double(), (amount) => {
        const micros = microsFromDecimal(amount);
        if (micros !== undefined) expect(decimalFromMicros(micros) === amount).toBe(true);
      }),
    );
  });
});

describe('micros', () => {
  test('must be a safe whole number', () => {
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => toMicros(value)).toThrow(RangeError);
    }
    expect(toMicros(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER as Micros);
  });

  test('add up exactly and stay at the largest safe integer', () => {
    expect(addMicros(toMicros(100_000), toMicros(200_000))).toBe(toMicros(300_000));
    const largest = toMicros(Number.MAX_SAFE_INTEGER);
    expect(addMicros(largest, toMicros(1))).toBe(largest);
    expect(addMicros(largest, largest)).toBe(largest);
  });

  test('have a greater and a lesser', () => {
    expect(maxMicros(toMicros(1), toMicros(2))).toBe(toMicros(2));
    expect(maxMicros(toMicros(2), toMicros(1))).toBe(toMicros(2));
    expect(minMicros(toMicros(1), toMicros(2))).toBe(toMicros(1));
    expect(minMicros(toMicros(2), toMicros(1))).toBe(toMicros(1));
  });
});
