import { expect, test } from 'bun:test';
import { createChangedCounters } from './changed-counters.ts';

function createStage(count: number) {
  const written: string[] = [];
  const changed = createChangedCounters((id) => written.push(id));
  for (let index = 0; index < count; index++) changed.note(`supply${index}`, index);
  return { changed, written };
}

test('all that wait are written in as many commits as the part says, oldest first', () => {
  const { changed, written } = createStage(1_000);
  for (let commit = 0; commit < 10; commit++) changed.forget(changed.write(0.1));
  expect(written).toEqual(Array.from({ length: 1_000 }, (_, index) => `supply${index}`));
  expect(changed.isEmpty()).toBe(true);
});

test('a crowd that was written does not hurry those who come later', () => {
  const { changed } = createStage(1_000);
  changed.forget(changed.write(1));
  for (let index = 0; index < 40; index++) changed.note(`late${index}`, index);
  expect(changed.write(0.5).count).toBe(20);
});

test('a few are written by every commit, however small its part', () => {
  const { changed } = createStage(40);
  expect(changed.write(0)).toEqual({ count: 16, oldestLeft: 16 });
});

test('a counter keeps the place of its first change until that is forgotten', () => {
  const { changed, written } = createStage(20);
  changed.note('supply0', 99);
  const first = changed.write(0);
  expect(first).toEqual({ count: 16, oldestLeft: 16 });
  changed.forget(first);
  changed.note('supply0', 99);
  changed.note('supply1', 100);
  expect(written).toHaveLength(16);
  changed.forget({ count: 4, oldestLeft: 99 });
  expect(changed.write(1)).toEqual({ count: 2, oldestLeft: Number.POSITIVE_INFINITY });
  expect(written.slice(16)).toEqual(['supply0', 'supply1']);
});
