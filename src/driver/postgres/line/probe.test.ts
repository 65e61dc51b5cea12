import { expect, test } from 'bun:test';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { startProbe } from './probe.ts';

function openProbe() {
  const { timers, advance } = createManualTime();
  let isThere = true;
  let asked = 0;
  let silences = 0;
  const probe = startProbe({
    timers,
    ask: async () => {
      asked += 1;
      return isThere;
    },
    onSilence: () => {
      silences += 1;
    },
  });
  /** One probe per second, answered at once. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await Promise.resolve();
      advance(1_000);
    }
    await Promise.resolve();
  }
  const turn = (answers: boolean) => {
    isThere = answers;
  };
  return { probe, pass, turn, asked: () => asked, silences: () => silences };
}

test('a pool is down until its first probe is answered, then follows the last one', async () => {
  const { probe, pass, turn } = openProbe();
  expect(probe.isUp()).toBe(false);
  await pass(0);
  expect(probe.isUp()).toBe(true);
  turn(false);
  await pass(1);
  expect(probe.isUp()).toBe(false);
  turn(true);
  await pass(1);
  expect(probe.isUp()).toBe(true);
});

test('silence starts with the second unanswered probe in a row', async () => {
  const { pass, turn, silences } = openProbe();
  await pass(0);
  turn(false);
  await pass(1);
  expect(silences()).toBe(0);
  await pass(2);
  expect(silences()).toBe(2);
  turn(true);
  await pass(1);
  turn(false);
  await pass(1);
  expect(silences()).toBe(2);
});

test('there is no probe after the end, and a late answer changes nothing', async () => {
  const { probe, pass, asked } = openProbe();
  probe.stop();
  await pass(5);
  expect(asked()).toBe(1);
  expect(probe.isUp()).toBe(false);
});
