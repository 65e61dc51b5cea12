import { expect, test } from 'bun:test';
import { monthOf } from './partition.ts';

test('a month is named in UTC, from its first millisecond to its last', () => {
  expect(monthOf(Date.UTC(2026, 10, 1))).toEqual(['2026-11']);
  expect(monthOf(Date.UTC(2026, 10, 1) - 1)).toEqual(['2026-10']);
});

test('months range from January 1970 to November 9999', () => {
  expect(monthOf(0)).toEqual(['1970-01']);
  expect(monthOf(-1)).toEqual([]);
  expect(monthOf(Date.UTC(9999, 11) - 1)).toEqual(['9999-11']);
  expect(monthOf(Date.UTC(9999, 11))).toEqual([]);
  expect(monthOf(Number.NaN)).toEqual([]);
});
