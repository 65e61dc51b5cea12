import { describe, expect, test } from 'bun:test';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { UnusableEventsError } from './bus.ts';
import { startCarry } from './carry.ts';
import type { Log, LogEntry } from './log.ts';

const BATCH = 10;
const PACE_MS = 100;

/** A log in memory whose reader waits on the timers of the stage. */
function createNumberLog(timers: ReturnType<typeof createManualTime>['timers']) {
  let entries: LogEntry<number>[] = [];
  let given = 0;
  let acked = 0;
  let wake = () => {};
  const take = (limit: number) => {
    const taken = entries.filter(({ position }) => position > given).slice(0, limit);
    given = taken.at(-1)?.position ?? given;
    return taken;
  };
  const log: Log<number> = {
    async read({ limit, waitMs }) {
      const found = take(limit);
      if (found.length > 0 || waitMs === 0) return found;
      await new Promise<void>((resolve) => {
        const callOff = timers.after(waitMs, resolve);
        wake = () => {
          callOff();
          resolve();
        };
      });
      return take(limit);
    },
    async ack(position) {
      acked = position;
    },
    async backlog() {
      const left = entries.filter(({ position }) => position > acked);
      return { events: left.length, oldestAtMs: left[0]?.event ?? null };
    },
  };
  return {
    log,
    acked: () => acked,
    append(first: number, last: number): void {
      for (let event = first; event <= last; event++) {
        entries = [...entries, { position: event, event }];
      }
      wake();
    },
  };
}

/** A target that accepts every batch, or rejects with the error that is set. */
function createStage() {
  const time = createManualTime();
  const numbers = createNumberLog(time.timers);
  const batches: number[][] = [];
  const errors: unknown[] = [];
  let refusal: Error | null = null;
  let tries = 0;
  const deliver = async (events: readonly number[]) => {
    tries += 1;
    if (refusal !== null) throw refusal;
    batches.push([...events]);
  };
  const carry = startCarry({
    log: numbers.log,
    deliver,
    clock: time.clock,
    timers: time.timers,
    batchEvents: BATCH,
    paceMs: PACE_MS,
    onError: (error) => errors.push(error),
  });
  /** Advances the time and lets everything that follows happen. */
  async function pass(ms: number): Promise<void> {
    time.advance(ms);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }
  const refuse = (error: Error | null) => {
    refusal = error;
  };
  return { numbers, batches, errors, carry, pass, refuse, tries: () => tries };
}

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('carrying a log', () => {
  test('an event of an idle log is carried at once', async () => {
    const stage = createStage();
    await stage.pass(1_000);
    stage.numbers.append(1, 3);
    await stage.pass(0);
    expect(stage.batches).toEqual([[1, 2, 3]]);
    expect(stage.numbers.acked()).toBe(3);
  });

  test('under load batches are `paceMs` apart and hold the events in between', async () => {
    const stage = createStage();
    stage.numbers.append(1, 1);
    await stage.pass(0);
    stage.numbers.append(2, 2);
    await stage.pass(PACE_MS - 1);
    stage.numbers.append(3, 3);
    await stage.pass(0);
    expect(stage.batches).toEqual([[1]]);
    await stage.pass(1);
    expect(stage.batches).toEqual([[1], [2, 3]]);
  });

  test('a batch has a bound', async () => {
    const stage = createStage();
    stage.numbers.append(1, 25);
    await stage.pass(0);
    await stage.pass(PACE_MS);
    await stage.pass(PACE_MS);
    expect(stage.batches).toEqual([range(1, 10), range(11, 20), range(21, 25)]);
  });

  test('an undelivered batch is not acked, and is retried before any later event', async () => {
    const stage = createStage();
    stage.refuse(new Error('away'));
    stage.numbers.append(1, 2);
    await stage.pass(0);
    stage.numbers.append(3, 3);
    await stage.pass(20);
    expect(stage.numbers.acked()).toBe(0);
    expect(stage.carry.isWorking()).toBe(false);
    stage.refuse(null);
    await stage.pass(2_000);
    await stage.pass(PACE_MS);
    expect(stage.batches).toEqual([[1, 2], [3]]);
    expect(stage.numbers.acked()).toBe(3);
    expect(stage.carry.isWorking()).toBe(true);
  });

  test('pauses double from 20 ms to two seconds, and start over after a delivery', async () => {
    const stage = createStage();
    stage.refuse(new Error('away'));
    stage.numbers.append(1, 1);
    await stage.pass(0);
    for (const pauseMs of [20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000]) {
      const before = stage.tries();
      await stage.pass(pauseMs - 1);
      expect(stage.tries()).toBe(before);
      await stage.pass(1);
      expect(stage.tries()).toBe(before + 1);
    }
    stage.refuse(null);
    await stage.pass(2_000);
    stage.refuse(new Error('away again'));
    stage.numbers.append(2, 2);
    await stage.pass(PACE_MS);
    const before = stage.tries();
    await stage.pass(20);
    expect(stage.tries()).toBe(before + 1);
  });

  test('events that can never be delivered are reported and left out', async () => {
    const stage = createStage();
    stage.refuse(new UnusableEventsError(['2']));
    stage.numbers.append(1, 3);
    await stage.pass(0);
    expect(stage.errors).toHaveLength(1);
    expect(stage.numbers.acked()).toBe(3);
    expect(stage.carry.isWorking()).toBe(true);
  });

  test('stopping carries one last batch', async () => {
    const stage = createStage();
    stage.numbers.append(1, 1);
    await stage.pass(0);
    stage.numbers.append(2, 5);
    await stage.carry.stop();
    expect(stage.batches).toEqual([[1], [2, 3, 4, 5]]);
  });

  test('stopping does not wait for a target that is down', async () => {
    const stage = createStage();
    stage.refuse(new Error('away'));
    stage.numbers.append(1, 1);
    await stage.pass(0);
    await stage.carry.stop();
    expect(stage.numbers.acked()).toBe(0);
    expect(stage.errors.length).toBeGreaterThan(1);
  });

  test('the lag is how many events wait and how old the oldest is', async () => {
    const stage = createStage();
    expect(await stage.carry.lag()).toEqual({ events: 0, ageMs: 0 });
    stage.refuse(new Error('away'));
    stage.numbers.append(1, 4);
    await stage.pass(0);
    const { events, ageMs } = await stage.carry.lag();
    expect(events).toBe(4);
    expect(ageMs).toBeGreaterThan(0);
    await stage.carry.stop();
  });
});
