import { expect, test } from 'bun:test';
import { monthOf } from './partition.ts';

test('a month is named in UTC, from its first millisecond to its last', () => {
  expect(monthOf(Date.UTC(2026, 10, 1))).toEqual(['2026-11']);
  expect(monthOf(Date.UTC(2026, 10, 1) - 1)).toEqual(['2026-10']);
});

test('there are months from 1970 to the last but one of the year 9999, and no others', () => {
  expect(monthOf(0)).toEqual(['1970-01']);
  expect(monthOf(-1)).toEqual([]);
  expect(monthOf(Date.UTC(9999, 11) - 1)).toEqual(['9999-11']);
  expect(monthOf(Date.UTC(9999, 11))).toEqual([]);
  expect(monthOf(Number.NaN)).toEqual([]);
});
