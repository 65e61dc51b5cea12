import { expect, test } from 'bun:test';
import { countryOf } from './country.ts';

test.each([
  ['US', 'US'],
  ['us', 'US'],
  ['Gb', 'GB'],
  ['UK', 'GB'],
  ['uk', 'GB'],
  ['XK', 'XK'],
  ['ZW', 'ZW'],
])('%p is the country %s', (text, country) => {
  expect(countryOf(text)).toBe(country);
});

test.each(['', 'XX', 'xx', 'T1', 't1', 'A1', 'A2', 'O1'])('%p is unknown', (text) => {
  expect(countryOf(text)).toBeNull();
});

test.each([
  'ZZ',
  'AA',
  'EN',
  'EU',
  'SU',
  'YU',
  'U',
  'USA',
  '00',
  'U1',
  'ÜS',
  'ſt',
  'US,DE',
  '__',
  ' ',
  'U ',
  ' US',
])('%p is no country', (text) => {
  expect(countryOf(text)).toBeUndefined();
});

test('every assigned code is one, and no other pair of letters', () => {
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  const pairs = letters.flatMap((one) => letters.map((other) => one + other));
  const countries = pairs.filter((pair) => countryOf(pair) === pair);
  // The 249 of ISO and Kosovo; each has a name in the world's tables.
  expect(countries).toHaveLength(250);
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  expect(countries.filter((code) => names.of(code) === undefined)).toEqual([]);
});
