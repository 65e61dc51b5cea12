import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { AssertionError } from '../../core/assert.ts';
import { createNumberColumn, createNumberReader } from './number-column.ts';

const anyNumber = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  // Where one more group is needed, and where a number exceeds 31 bits.
  fc
    .tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -1, max: 1 }))
    .map(([power, shift]) => Math.max(0, 2 ** power + shift)),
  fc.constant(Number.MAX_SAFE_INTEGER),
);

function read(bytes: Uint8Array, count: number): number[] {
  const take = createNumberReader(bytes);
  return Array.from({ length: count }, take);
}

describe('a column of numbers', () => {
  test('returns any whole numbers, however small it started', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 40 }), fc.nat({ max: 20 }), (numbers, first) => {
        const column = createNumberColumn(first);
        for (const number of numbers) {
          column.reserve(1);
          column.put(number);
        }
        expect(column.bytes().length).toBe(column.byteCount());
        expect(read(column.bytes(), numbers.length)).toEqual(numbers);
      }),
      { numRuns: 500 },
    );
  });

  test('has room for as many of the greatest numbers as were reserved', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.nat({ max: 50 }), (before, count) => {
        const column = createNumberColumn(1);
        for (const many of [before, count]) {
          column.reserve(many);
          for (let put = 0; put < many; put++) column.put(Number.MAX_SAFE_INTEGER);
        }
        const all = Array(before + count).fill(Number.MAX_SAFE_INTEGER);
        expect(read(column.bytes(), all.length)).toEqual(all);
      }),
    );
  });

  test('is empty once cleared', () => {
    const column = createNumberColumn(16);
    column.put(300);
    column.clear();
    expect(column.byteCount()).toBe(0);
    column.put(7);
    expect(read(column.bytes(), 1)).toEqual([7]);
  });

  test('does not return a number that it does not have', () => {
    expect(() => read(new Uint8Array(), 1)).toThrow(AssertionError);
    expect(() => read(new Uint8Array([0x81]), 1)).toThrow(AssertionError);
  });
});
