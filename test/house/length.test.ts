import { describe, expect, test } from 'bun:test';
import { LINES, lengthFaults, lengthsOf } from './length.ts';
import { functionLengths } from './syntax.ts';
import { isProduction, readSources } from './tree.ts';

const of = (...lines: readonly number[]) => lines.map((count) => ({ at: 'a.ts:1', lines: count }));

test('functions of src are short, their closures counted', async () => {
  const functions = (await readSources('src')).filter(isProduction).flatMap(functionLengths);
  const { p50, p90, max } = lengthsOf(functions);
  process.stdout.write(`functions of src: p50 ${p50}, p90 ${p90}, max ${max} lines\n`);
  expect(functions.length).toBeGreaterThan(1_000);
  expect(lengthFaults(functions)).toEqual([]);
});

describe('the check of lengths', () => {
  test('counts functions, methods and arrows from their first line to their last', () => {
    const text = `
export function createCounter() {
  let count = 0;
  return {
    add(step: number) {
      count += step;
    },
    read: () => count,
  };
}
`;
    expect(functionLengths({ path: 'a.ts', text })).toEqual([
      { at: 'a.ts:2', lines: 9 },
      { at: 'a.ts:5', lines: 3 },
      { at: 'a.ts:8', lines: 1 },
    ]);
  });

  test('allows the longest length and not one line more', () => {
    expect(lengthFaults(of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, LINES.max))).toEqual([]);
    expect(lengthFaults(of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, LINES.max + 1))).toEqual([
      'a.ts:1 has 71 lines, at most 70 are allowed',
    ]);
  });

  test('finds a tree whose functions are long on the whole', () => {
    expect(lengthFaults(of(1, 1, 10, 10, 10, 11, 11, 11, 25, 26))).toEqual([]);
    expect(lengthFaults(of(1, 1, 10, 10, 11, 11, 11, 11, 26, 26))).toEqual([
      'half of the functions have more than 10 lines',
      'one function of ten has more than 25 lines',
    ]);
  });
});
