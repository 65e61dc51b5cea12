import { expect, test } from 'bun:test';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { createRecentBatches } from './outbox-batch.ts';

test('a batch that memory does not hold is not leapt over', () => {
  const recent = createRecentBatches(100);
  recent.add({ first: 1, events: eventsOf(1, 2) });
  // 3 and 4 were committed though SQLite had reported a failure: only the rows have them.
  recent.add({ first: 5, events: eventsOf(5, 6) });
  expect(recent.after(0)?.first).toBe(1);
  expect(recent.after(1)?.first).toBe(1);
  expect(recent.after(2)).toBeUndefined();
  expect(recent.after(4)?.first).toBe(5);
});

test('memory holds as many events as it may, then lets the older half go', () => {
  const recent = createRecentBatches(4);
  for (const first of [1, 2, 3, 4]) recent.add({ first, events: eventsOf(first, first) });
  expect(recent.after(0)?.first).toBe(1);
  recent.add({ first: 5, events: eventsOf(5, 5) });
  for (const position of [0, 1, 2]) expect(recent.after(position)).toBeUndefined();
  expect(recent.after(3)?.first).toBe(4);
  expect(recent.after(4)?.first).toBe(5);
  // What went is not counted any more.
  for (const first of [6, 7]) recent.add({ first, events: eventsOf(first, first) });
  expect(recent.after(3)?.first).toBe(4);
});
