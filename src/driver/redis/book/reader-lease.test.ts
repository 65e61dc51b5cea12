/** How long the lease of a reader lasts. */
import { expect, test } from 'bun:test';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { createReaderLease, LEASE_MS } from './reader-lease.ts';

function openLease() {
  const { timers, advance } = createManualTime();
  const asked: (string | number)[][] = [];
  const run = async (
    _script: unknown,
    keys: readonly string[],
    args: readonly (string | number)[],
  ) => {
    asked.push([...keys, ...args]);
    return 1;
  };
  const lease = createReaderLease({ timers, run }, 'lease', 'reader');
  return { lease, asked, advance };
}

const PROLONGED = ['lease', 'reader', LEASE_MS];

test('one that is held is prolonged often enough that a call may be lost, until it is lost', () => {
  const { lease, asked, advance } = openLease();
  lease.hold();
  advance(LEASE_MS - 1);
  expect(asked.length).toBeGreaterThanOrEqual(2);
  for (const words of asked) expect(words).toEqual(PROLONGED);
  const before = asked.length;
  lease.lose();
  advance(10 * LEASE_MS);
  expect(asked).toHaveLength(before);
});

test('one that is held twice is prolonged once at a time', () => {
  const { lease, asked, advance } = openLease();
  lease.hold();
  lease.hold();
  advance(2_000);
  expect(asked).toEqual([PROLONGED]);
});

test('it is given up once, and only by the one who holds it', async () => {
  const { lease, asked } = openLease();
  await lease.giveUp();
  expect(asked).toEqual([]);
  lease.hold();
  await lease.giveUp();
  await lease.giveUp();
  expect(asked).toEqual([['lease', 'reader', 0]]);
});
