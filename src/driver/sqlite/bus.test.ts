import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { until } from '../../../deploy/local/until.ts';
import { openFolder } from '../../../test/support/folder.ts';
import { eventsOf } from '../../../test/support/live-event.ts';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { systemTimers } from '../../core/timer.ts';
import { busContract, type OpenedBus } from '../../flow/bus.contract.ts';
import { openSqliteBus } from './bus.ts';

const folder = await openFolder();
afterAll(() => folder[Symbol.asyncDispose]());
let files = 0;

const onError = () => undefined;

function openAt(path: string): OpenedBus {
  const bus = openSqliteBus(path, { timers: systemTimers, onError });
  const reopen = async () => {
    await bus[Symbol.asyncDispose]();
    return openAt(path);
  };
  return { bus, reopen };
}

busContract('the SQLite bus', async () => {
  files += 1;
  return openAt(folder.path(`bus${files}.db`));
});

test('a bus that cannot write does not work until it has written', async () => {
  const path = folder.path('unwritten.db');
  await using bus = openAt(path).bus;
  using file = new Database(path);
  await bus.subscribe({ durableName: 'one', handler: () => undefined });
  await bus.publish(eventsOf(1, 1));
  expect(bus.isWorking()).toBe(true);
  file.run('alter table bus_cursor rename to hidden');
  await expect(bus.publish(eventsOf(2, 2))).rejects.toThrow('bus_cursor');
  expect(bus.isWorking()).toBe(false);
  file.run('alter table hidden rename to bus_cursor');
  await bus.publish(eventsOf(2, 2));
  expect(bus.isWorking()).toBe(true);
});

test('a bus with a durable name that cannot read does not work until that has read', async () => {
  const path = folder.path('unread.db');
  await using bus = openAt(path).bus;
  using file = new Database(path);
  file.run('alter table bus_batch rename to hidden');
  await bus.subscribe({ durableName: 'one', handler: () => undefined });
  await until('it has failed', async () => !bus.isWorking());
  file.run('alter table hidden rename to bus_batch');
  await until('it has read that there is nothing', async () => bus.isWorking());
});

/** Everything that does not wait for a timer has been done. */
const settled = () => new Promise(setImmediate);

test('a full bus refuses what is published until the durable names have come on', async () => {
  const { timers, advance } = createManualTime();
  await using bus = openSqliteBus(':memory:', { timers, onError, mostEvents: 4 });
  const leave = await bus.subscribe({ durableName: 'one', handler: () => undefined });
  await leave();
  await bus.publish(eventsOf(1, 3));
  await bus.publish(eventsOf(4, 5));
  await expect(bus.publish(eventsOf(6, 6))).rejects.toThrow('full');
  expect(bus.isWorking()).toBe(false);
  const seen: number[] = [];
  await bus.subscribe({
    durableName: 'one',
    handler: (events) => {
      seen.push(...events.map(({ seq }) => seq));
    },
  });
  await settled();
  advance(1_000);
  await bus.publish(eventsOf(6, 6));
  expect(bus.isWorking()).toBe(true);
  await settled();
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a batch comes again after pauses that grow while its handler fails, and begin anew after', async () => {
  const { clock, timers, advance } = createManualTime();
  const errors: unknown[] = [];
  await using bus = openSqliteBus(':memory:', { timers, onError: (error) => errors.push(error) });
  const calls: { atMs: number; seqs: number[] }[] = [];
  let isFailing = true;
  await bus.subscribe({
    durableName: 'one',
    handler: (events) => {
      calls.push({ atMs: clock.elapsedMs(), seqs: events.map(({ seq }) => seq) });
      if (isFailing) throw new Error('not now');
    },
  });
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      advance(10);
      await settled();
    }
  }
  await bus.publish(eventsOf(1, 1));
  await settled();
  await pass(150);
  expect(calls.map(({ atMs }) => atMs)).toEqual([0, 20, 60, 140]);
  isFailing = false;
  await pass(160);
  isFailing = true;
  await bus.publish(eventsOf(2, 2));
  await settled();
  await pass(30);
  expect(calls.map(({ atMs }) => atMs)).toEqual([0, 20, 60, 140, 300, 310, 330]);
  expect(calls.map(({ seqs }) => seqs)).toEqual([[1], [1], [1], [1], [1], [2], [2]]);
  expect(errors.map(String)).toEqual(new Array(6).fill('Error: not now'));
});

test('a name that has come on is not given the same again by the next process', async () => {
  await using own = await openFolder();
  const { timers, advance } = createManualTime();
  const seen: number[] = [];
  const follower = {
    durableName: 'one',
    handler: (events: readonly { seq: number }[]) => {
      seen.push(...events.map(({ seq }) => seq));
    },
  };
  await using killed = openSqliteBus(own.path('bus.db'), { timers, onError });
  await killed.subscribe(follower);
  await killed.publish(eventsOf(1, 2));
  await settled();
  advance(1_000);
  await using next = openSqliteBus(own.path('bus.db'), { timers, onError });
  await next.subscribe(follower);
  await settled();
  expect(seen).toEqual([1, 2]);
});

test('what one name has passed is kept for another that is away', async () => {
  const { timers, advance } = createManualTime();
  await using bus = openSqliteBus(':memory:', { timers, onError });
  const leave = await bus.subscribe({ durableName: 'away', handler: () => undefined });
  await leave();
  await bus.subscribe({ durableName: 'here', handler: () => undefined });
  await bus.publish(eventsOf(1, 2));
  await settled();
  advance(1_000);
  await bus.publish(eventsOf(3, 3));
  const seen: number[] = [];
  await bus.subscribe({
    durableName: 'away',
    handler: (events) => {
      seen.push(...events.map(({ seq }) => seq));
    },
  });
  await settled();
  expect(seen).toEqual([1, 2, 3]);
});

test('a bus counts what it keeps right over a commit that failed, and over its end', async () => {
  await using own = await openFolder();
  const options = { timers: createManualTime().timers, onError, mostEvents: 4 };
  {
    await using bus = openSqliteBus(own.path('bus.db'), options);
    const leave = await bus.subscribe({ durableName: 'away', handler: () => undefined });
    await leave();
    using file = new Database(own.path('bus.db'));
    file.run(`create trigger refuse before insert on bus_batch when new.event_count = 1
      begin select raise(abort, 'disk full'); end`);
    const published = [bus.publish(eventsOf(1, 3)), bus.publish(eventsOf(4, 4))];
    const outcomes = await Promise.allSettled(published);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const first of [1, 3]) await bus.publish(eventsOf(first, first + 1));
    await expect(bus.publish(eventsOf(5, 6))).rejects.toThrow('the bus is full');
  }
  await using bus = openSqliteBus(own.path('bus.db'), options);
  await expect(bus.publish(eventsOf(5, 6))).rejects.toThrow('the bus is full');
});
