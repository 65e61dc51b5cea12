import { expect, test } from 'bun:test';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { watchReplica } from './replica-watch.ts';

/** Log positions that a test sets; null for a server that does not answer. */
function openLogs() {
  const time = createManualTime();
  const logs: { primary: number | null; replica: number | null } = { primary: 100, replica: 100 };
  let asked = 0;
  async function positionOf(name: 'primary' | 'replica'): Promise<number> {
    asked += 1;
    const position = logs[name];
    if (position === null) throw new Error('away');
    return position;
  }
  const watch = watchReplica({
    ...time,
    primaryPosition: () => positionOf('primary'),
    replicaPosition: () => positionOf('replica'),
  });
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await settle();
      time.advance(1_000);
    }
    await settle();
  }
  return { logs, watch, pass, asked: () => asked };
}

/** Lets the promises of a comparison settle. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}

test('the freshness is unknown before both have answered', async () => {
  const { logs, watch, pass } = openLogs();
  logs.replica = null;
  expect(watch.freshness()).toBe('unknown');
  await pass(10);
  expect(watch.freshness()).toBe('unknown');
  logs.replica = 100;
  await pass(1);
  expect(watch.freshness()).toBe('fresh');
});

test('a replica may be five seconds behind and not longer', async () => {
  const { logs, watch, pass } = openLogs();
  await pass(0);
  expect(watch.freshness()).toBe('fresh');
  logs.primary = 200;
  await pass(6);
  expect(watch.freshness()).toBe('fresh');
  await pass(1);
  expect(watch.freshness()).toBe('behind');
});

test('a replica that follows a busy primary at a distance is fresh', async () => {
  const { logs, watch, pass } = openLogs();
  await pass(0);
  for (let second = 3; second < 30; second++) {
    logs.primary = 100 + second * 10;
    logs.replica = 100 + (second - 3) * 10;
    await pass(1);
    expect(watch.freshness()).toBe('fresh');
  }
});

test('a replica that was behind must reach the current position of the primary', async () => {
  const { logs, watch, pass } = openLogs();
  await pass(1);
  logs.primary = 200;
  await pass(10);
  expect(watch.freshness()).toBe('behind');
  logs.primary = 1_000;
  await pass(1);
  logs.replica = 300;
  await pass(1);
  expect(watch.freshness()).toBe('behind');
  logs.replica = 1_000;
  await pass(1);
  expect(watch.freshness()).toBe('fresh');
});

test('without an answer the last result holds, and there is no query after the end', async () => {
  const { logs, watch, pass, asked } = openLogs();
  await pass(1);
  logs.primary = null;
  await pass(30);
  expect(watch.freshness()).toBe('fresh');
  watch.stop();
  const before = asked();
  await pass(10);
  expect(asked()).toBe(before);
});
