import { expect, test } from 'bun:test';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { isCarriedInTime } from './relay-lag.ts';

const NOW_MS = 1_000_000;
const clock = createManualClock(NOW_MS);
const aged = (ageMs: number | null) => ({
  backlog: async () => ({ events: 1, oldestAtMs: ageMs === null ? null : NOW_MS - ageMs }),
});
const away = { backlog: () => Promise.reject(new Error('away')) };

test('events that wait too long in any outbox are not carried in time', async () => {
  expect(await isCarriedInTime([], clock)).toBe(true);
  expect(await isCarriedInTime([aged(null), aged(9_999), away], clock)).toBe(true);
  expect(await isCarriedInTime([aged(null), aged(10_000), away], clock)).toBe(false);
});
