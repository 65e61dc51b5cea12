import { expect, test } from 'bun:test';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { createRecentBatches } from './outbox-batch.ts';

test('a batch that memory does not hold is not leapt over', () => {
  const recent = createRecentBatches(100);
  recent.add({ first: 1, events: eventsOf(1, 2) });
  // 3 and 4 were committed though SQLite had told a failure: only the rows have them.
  recent.add({ first: 5, events: eventsOf(5, 6) });
  expect(recent.after(0)?.first).toBe(1);
  expect(recent.after(1)?.first).toBe(1);
  expect(recent.after(2)).toBeUndefined();
  expect(recent.after(4)?.first).toBe(5);
});
