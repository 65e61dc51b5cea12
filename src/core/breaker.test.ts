import { describe, expect, test } from 'bun:test';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { createBreaker } from './breaker.ts';

const EVERY_MS = 250;

function breakerWith(answers: (boolean | Error)[]) {
  const time = createManualTime();
  const probes: number[] = [];
  const breaker = createBreaker({
    timers: time.timers,
    everyMs: EVERY_MS,
    probe: async () => {
      probes.push(time.clock.elapsedMs());
      const answer = answers.shift() ?? false;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  /** Advances the time, and lets the probe that fell due finish. */
  async function pass(ms: number): Promise<void> {
    time.advance(ms);
    await new Promise(setImmediate);
  }
  return { breaker, probes, pass };
}

describe('a breaker', () => {
  test('is closed until a failure is reported', () => {
    const { breaker } = breakerWith([]);
    expect(breaker.isClosed()).toBe(true);
    breaker.trip();
    expect(breaker.isClosed()).toBe(false);
  });

  test('probes at once, and closes when the probe succeeds', async () => {
    const { breaker, probes, pass } = breakerWith([true]);
    breaker.trip();
    await pass(0);
    expect(probes).toHaveLength(1);
    expect(breaker.isClosed()).toBe(true);
  });

  test('probes again only after its pause, and a rejection is no success', async () => {
    const { breaker, probes, pass } = breakerWith([false, new Error('gone'), true]);
    breaker.trip();
    await pass(0);
    await pass(EVERY_MS - 1);
    expect(probes).toHaveLength(1);
    await pass(1);
    expect(probes).toHaveLength(2);
    expect(breaker.isClosed()).toBe(false);
    await pass(EVERY_MS);
    expect(breaker.isClosed()).toBe(true);
  });

  test('runs one probe at a time, however many failures are reported', async () => {
    const { breaker, probes, pass } = breakerWith([false]);
    for (let failure = 0; failure < 9; failure++) breaker.trip();
    await pass(0);
    await pass(EVERY_MS - 1);
    expect(probes).toHaveLength(1);
  });

  test('can open again', async () => {
    const { breaker, pass } = breakerWith([true, false]);
    breaker.trip();
    await pass(0);
    breaker.trip();
    await pass(0);
    expect(breaker.isClosed()).toBe(false);
  });

  test('does not probe once it is stopped', async () => {
    const { breaker, probes, pass } = breakerWith([false]);
    breaker.trip();
    await pass(0);
    breaker.stop();
    await pass(EVERY_MS * 9);
    expect(probes).toHaveLength(1);
  });
});
