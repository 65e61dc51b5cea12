import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseExactJson } from './exact-json.ts';

describe('a number that a double holds is read, however it is spelt', () => {
  test.each([
    ['1e2', 100],
    ['1E+2', 100],
    ['1.50', 1.5],
    ['150.0000000000000000000000', 150],
    ['0.10000000000000000000', 0.1],
    ['-0', -0],
    ['0e400', 0],
    ['1000000000', 1_000_000_000],
    ['999999999.999999', 999_999_999.999999],
    ['10000000000000000', 1e16],
    ['1.5e-7', 1.5e-7],
    ['0.30000000000000004', 0.1 + 0.2],
  ])('%p', (text, value) => {
    expect(parseExactJson(text)).toBe(value);
    expect(parseExactJson(`{"id":"0123456789abcdef01e5","a":[${text}]}`)).toEqual({
      id: '0123456789abcdef01e5',
      a: [value],
    });
  });
});

describe('a number that it does not hold is none', () => {
  test.each([
    '999999.99999999999',
    '0.99999999999999999999',
    '1.00000000000000000001',
    '9007199254740993',
    '1e-400',
    '1e400',
    '-1.00000000000000000001',
    '0.000001000000000000000000001',
  ])('%p', (text) => {
    expect(parseExactJson(`{"a":${text},"b":1e2}`)).toEqual({ a: Number.NaN, b: 100 });
  });
});

test('what is not JSON is thrown', () => {
  for (const text of ['', '{"a":1e}', '{"a":1234567890123456', '01']) {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  }
});

test('any value comes back as JSON.parse reads it', () => {
  const property = fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    expect(parseExactJson(text)).toEqual(JSON.parse(text));
  });
  fc.assert(property, { numRuns: 500 });
});

test('whatever is written, a number is read as it is or not at all', () => {
  const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
  const written = fc.tuple(fc.integer({ min: 0, max: 99_999_999 }), digits(22), fc.nat({ max: 9 }));
  const property = fc.property(written, ([whole, fraction, zeros]) => {
    const text = `${whole}.${fraction}${'0'.repeat(zeros)}`;
    const value = parseExactJson(text);
    // Whole digits of 10^-22, without a double in between.
    const exact = BigInt(whole + fraction.padEnd(22, '0'));
    const micros = exact % 10n ** 16n === 0n ? exact / 10n ** 16n : null;
    if (micros === null || Number.isNaN(value)) {
      const isMoney = Math.round(Number(value) * 1e6) / 1e6 === value;
      expect(isMoney).toBe(false);
    } else {
      expect(BigInt(Math.round(Number(value) * 1e6))).toBe(micros);
    }
  });
  fc.assert(property, { numRuns: 2_000 });
});
