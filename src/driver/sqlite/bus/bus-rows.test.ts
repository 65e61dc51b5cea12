import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { BUS_TABLES, createBusRows } from './bus-rows.ts';

test('a batch goes once the slowest durable name has passed it', () => {
  using database = new Database(':memory:', { strict: true });
  for (const table of BUS_TABLES) database.run(table);
  const rows = createBusRows(database);
  rows.writeCursor('quick', 0);
  rows.writeCursor('slow', 0);
  const first = rows.insert(eventsOf(1, 2));
  const second = rows.insert(eventsOf(3, 3));
  rows.writeCursor('quick', second);
  expect(rows.trim()).toBe(0);
  expect(rows.after(0)?.events).toEqual(eventsOf(1, 2));
  rows.writeCursor('slow', first);
  expect(rows.trim()).toBe(2);
  expect(rows.after(0)?.events).toEqual(eventsOf(3, 3));
  expect(rows.eventCount()).toBe(1);
});
