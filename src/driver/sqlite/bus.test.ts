import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { until } from '../../../deploy/local/until.ts';
import { eventsOf } from '../../../test/support/live-event.ts';
import { openTemporaryFolder } from '../../../test/support/opened-live-file.ts';
import { systemTimers } from '../../core/timer.ts';
import { busContract, type OpenedBus } from '../../flow/bus.contract.ts';
import { openSqliteBus } from './bus.ts';

const folder = await openTemporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
let files = 0;

function openAt(path: string): OpenedBus {
  const bus = openSqliteBus(path, { timers: systemTimers, onError: () => undefined });
  const reopen = async () => {
    await bus[Symbol.asyncDispose]();
    return openAt(path);
  };
  return { bus, reopen };
}

busContract('the SQLite bus', async () => {
  files += 1;
  return openAt(join(folder.path, `bus${files}.db`));
});

test('a bus that cannot write does not work until it has written', async () => {
  const path = join(folder.path, 'unwritten.db');
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
  const path = join(folder.path, 'unread.db');
  await using bus = openAt(path).bus;
  using file = new Database(path);
  file.run('alter table bus_batch rename to hidden');
  await bus.subscribe({ durableName: 'one', handler: () => undefined });
  await until('it has failed', async () => !bus.isWorking());
  file.run('alter table hidden rename to bus_batch');
  await until('it has read that there is nothing', async () => bus.isWorking());
});

test('a bus that is full for an absent name refuses until that name has passed', async () => {
  const path = join(folder.path, 'full.db');
  await using bus = openSqliteBus(path, {
    timers: systemTimers,
    onError: () => undefined,
    mostEvents: 4,
  });
  const stop = await bus.subscribe({ durableName: 'one', handler: () => undefined });
  await stop();
  await bus.publish(eventsOf(1, 4));
  await expect(bus.publish(eventsOf(5, 5))).rejects.toThrow('full');
  expect(bus.isWorking()).toBe(false);
  const seen: number[] = [];
  await bus.subscribe({
    durableName: 'one',
    handler: (events) => void seen.push(...events.map(({ seq }) => seq)),
  });
  await until('it has room again', () =>
    bus.publish(eventsOf(5, 5)).then(
      () => true,
      () => false,
    ),
  );
  await until('all has come', async () => seen.length === 5);
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});
