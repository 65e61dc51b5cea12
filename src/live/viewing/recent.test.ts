import { expect, test } from 'bun:test';
import { createRecent } from './recent.ts';

const KEPT = 4;

/** Events 1 to `count`, each written as its seq. */
function filled(count: number) {
  const recent = createRecent<string>(KEPT);
  for (let seq = 1; seq <= count; seq++) recent.push(`${seq}`);
  return recent;
}

test('the newest events are kept, at least as many as the bound and fewer than twice as many', () => {
  for (let count = 0; count <= 10 * KEPT; count++) {
    const recent = filled(count);
    const kept = recent.head() - recent.base();
    expect(recent.head()).toBe(count);
    expect(kept).toBeGreaterThanOrEqual(Math.min(count, KEPT));
    expect(kept).toBeLessThan(2 * KEPT);
    expect(recent.newest()).toBe(count === 0 ? undefined : `${count}`);
  }
});

test('the events after a seq are returned unless some of them are forgotten', () => {
  const recent = filled(2 * KEPT);
  expect(recent.base()).toBe(KEPT);
  expect(recent.after(KEPT, 6)).toEqual(['5', '6']);
  expect(recent.after(KEPT, 2 * KEPT)).toEqual(['5', '6', '7', '8']);
  expect(recent.after(KEPT - 1, 6)).toBeUndefined();
});

test('no event is returned after a seq that is not before the last one asked for', () => {
  const recent = filled(3);
  expect(recent.after(3, 3)).toEqual([]);
  expect(recent.after(3, 1)).toEqual([]);
});

test('a restart forgets everything up to its seq', () => {
  const recent = filled(3);
  recent.restart(9);
  expect([recent.base(), recent.head(), recent.newest()]).toEqual([9, 9, undefined]);
  recent.push('10');
  expect(recent.after(9, 10)).toEqual(['10']);
  expect(recent.after(3, 10)).toBeUndefined();
});
