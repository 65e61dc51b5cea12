import { expect, test } from 'bun:test';
import { createWorking } from './working.ts';

test('the whole works unless a part fails', () => {
  const working = createWorking();
  const part = working.part();
  expect(working.isWorking()).toBe(true);
  part.failed();
  expect(working.isWorking()).toBe(false);
  part.works();
  expect(working.isWorking()).toBe(true);
});

test('a part that works does not hide one that fails', () => {
  const working = createWorking();
  const [first, second] = [working.part(), working.part()];
  first.failed();
  second.failed();
  first.works();
  expect(working.isWorking()).toBe(false);
  second.works();
  expect(working.isWorking()).toBe(true);
});
