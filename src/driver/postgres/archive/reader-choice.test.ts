import { expect, test } from 'bun:test';
import type { Freshness } from '../line/replica-watch.ts';
import { readersOf } from './reader-choice.ts';

type State = 'up' | 'down';

function namesOf(primary: State, replica: State, freshness: Freshness): string[] {
  const readerOf = (name: string, state: State) => ({
    name,
    isUp: () => state === 'up',
    freshness: () => freshness,
  });
  const readers = readersOf(readerOf('primary', primary), readerOf('replica', replica));
  return readers.map(({ name }) => name);
}

const CHOICES: readonly [State, State, Freshness, string[]][] = [
  ['up', 'up', 'fresh', ['replica', 'primary']],
  ['up', 'up', 'unknown', ['primary', 'replica']],
  ['up', 'up', 'behind', ['primary']],
  ['up', 'down', 'fresh', ['primary', 'replica']],
  ['up', 'down', 'unknown', ['primary', 'replica']],
  ['down', 'up', 'fresh', ['replica', 'primary']],
  ['down', 'up', 'unknown', ['replica', 'primary']],
  ['down', 'up', 'behind', ['primary']],
  ['down', 'down', 'fresh', ['replica', 'primary']],
];

test.each(CHOICES)('of a primary that is %s and a replica that is %s and %s', (...choice) => {
  const [primary, replica, freshness, order] = choice;
  expect(namesOf(primary, replica, freshness)).toEqual(order);
});

test('without a replica there is the primary alone', () => {
  const primary = { isUp: () => false };
  expect(readersOf(primary, undefined)).toEqual([primary]);
});
