import { expect, test } from 'bun:test';
import { mutate } from './mutate.ts';

const FILES = [
  { path: 'a.ts', text: 'a < b; b < c;' },
  { path: 'b.ts', text: 'c < d;' },
];

test('a mutant is the file that it is found in, with the fault', () => {
  expect(mutate(FILES, { from: 'c < d', to: 'c <= d' })).toEqual({ path: 'b.ts', text: 'c <= d;' });
  expect(mutate(FILES, { from: 'a < b; ', to: '' })).toEqual({ path: 'a.ts', text: 'b < c;' });
});

test('a mutant that is found nowhere, twice in a file or in two files is stale', () => {
  expect(mutate(FILES, { from: 'e', to: '' })).toBeNull();
  expect(mutate(FILES, { from: '<', to: '' })).toBeNull();
  expect(mutate(FILES, { from: 'c', to: '' })).toBeNull();
});
