import { beforeAll, describe, expect, test } from 'bun:test';
import { SQL } from 'bun';
import { until } from '../../../deploy/local/until.ts';
import { eventOf, eventsOf } from '../../../test/support/live-event.ts';
import {
  direct,
  newArchives,
  newMigratedDatabase,
  openArchives,
  pooled,
  SERVERS_START_MS,
} from '../../../test/support/postgres-store.ts';
import {
  sharedPgBouncer,
  sharedPostgres,
  sharedPostgresReplica,
} from '../../../test/support/servers.ts';
import { UnusableEventsError } from '../../flow/bus.ts';
import { archiveContract } from '../../live/port/item-archive.contract.ts';
import type { Archive } from '../../live/port/item-archive.ts';

beforeAll(async () => {
  await Promise.all([sharedPgBouncer(), sharedPostgresReplica()]);
}, SERVERS_START_MS);

archiveContract('the archive in PostgreSQL', async () => (await newArchives()).items);
archiveContract(
  'the archive in PostgreSQL through PgBouncer',
  async () => (await newArchives(pooled)).items,
);
archiveContract('the archive in PostgreSQL with a replica', async () => {
  const name = await newMigratedDatabase();
  await replicaHasAll();
  const replicaUrl = (await sharedPostgresReplica()).urlOf(name);
  const { items, isReplicaUp } = openArchives(await direct(name), replicaUrl);
  await until('the replica is read from', async () => isReplicaUp());
  return {
    ...items,
    append: async (events) => {
      await items.append(events);
      await replicaHasAll();
    },
  };
});

async function replicaHasAll(): Promise<void> {
  await using primary = new SQL((await sharedPostgres()).url);
  await using replica = new SQL((await sharedPostgresReplica()).url);
  const [{ at }] = await primary`select pg_current_wal_lsn()::text as at`;
  for (;;) {
    const [{ there }] = await replica`select pg_last_wal_replay_lsn() >= ${at}::pg_lsn as there`;
    if (there) return;
    // PostgreSQL 15 has no way to wait for a replica from outside.
    await Bun.sleep(5);
  }
}

const PAGE = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 1_000 };

async function unusable(archive: Archive, events: Parameters<Archive['append']>[0]) {
  const failure = await archive.append(events).catch((error) => error);
  expect(failure).toBeInstanceOf(UnusableEventsError);
  return failure.eventIds.toSorted();
}

describe('an event that PostgreSQL can never take', () => {
  test('is reported, and the rest of its batch is stored', async () => {
    await using archives = await newArchives();
    const nul = eventOf(1, { itemId: 'a\u0000b', eventId: 'nul' });
    const huge = eventOf(2, { itemId: 'L2', eventId: 'huge', seq: 1e30 });
    const undated = eventOf(3, { itemId: 'L3', eventId: 'undated', atMs: Number.NaN });
    const whenever = eventOf(4, { itemId: 'L4', eventId: 'whenever', atMs: 1e18 });
    const good = eventsOf(1, 200);
    const batch = [...good.slice(0, 77), nul, ...good.slice(77, 150), huge, ...good.slice(150)];
    const bad = await unusable(archives.items, [undated, ...batch, whenever]);
    expect(bad).toEqual(['huge', 'nul', 'undated', 'whenever']);
    expect(await archives.items.read(PAGE)).toEqual(good);
  });

  test('may also be nested too deep, or too large for an index', async () => {
    await using archives = await newArchives();
    const deep = (eventId: string, depth: number) => {
      let note: unknown = null;
      for (let level = 0; level < depth; level++) note = [note];
      return { ...eventOf(1, { itemId: eventId, eventId }), note };
    };
    // Random, as PostgreSQL compresses what repeats.
    const itemId = Buffer.from(crypto.getRandomValues(new Uint8Array(9_000))).toString('hex');
    const long = eventOf(1, { itemId, eventId: 'long' });
    const events = [eventOf(1), deep('deep', 20_000), long, eventOf(2)];
    expect(await unusable(archives.items, events)).toEqual(['deep', 'long']);
    // No JSON is made of it at all.
    expect(await unusable(archives.items, [deep('deeper', 100_000)])).toEqual(['deeper']);
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 2));
  });

  test('never is one with valid characters, which comes back unchanged', async () => {
    await using archives = await newArchives();
    const texts = ['\u0001', '"\\', '🔨', "'; drop table item_event; --", '\ufeff'];
    const events = texts.map((userId, index) => eventOf(index + 1, { userId }));
    await archives.items.append(events);
    expect(await archives.items.read(PAGE)).toEqual(events);
  });
});

describe('months', () => {
  const atMs = (text: string) => Date.parse(`${text}Z`);

  test('are made for events of any month, past or future, as they are needed', async () => {
    const url = await direct(await newMigratedDatabase());
    await using archives = openArchives(url);
    const times = [
      '1970-01-01T00:00:00',
      '2026-11-30T23:59:59.999',
      '2026-12-01T00:00:00',
      '2093-02-28T10:00:00',
    ];
    const events = times.map((time, index) => eventOf(index + 1, { atMs: atMs(time) }));
    await archives.items.append(events);
    expect(await archives.items.read(PAGE)).toEqual(events);
    await using client = new SQL(url);
    await client`set time zone 'utc'`;
    const bounds = await client`
      select pg_get_expr(relpartbound, oid) as bound from pg_class
      where relname in ('item_event_2026_12', 'item_event_2093_02') order by relname`;
    expect(bounds.map(({ bound }: { bound: string }) => bound)).toEqual([
      "FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')",
      "FOR VALUES FROM ('2093-02-01 00:00:00+00') TO ('2093-03-01 00:00:00+00')",
    ]);
  });

  test('are made once by archivers that need them at the same time', async () => {
    const url = await direct(await newMigratedDatabase());
    const archives = Array.from({ length: 4 }, () => openArchives(url));
    const events = eventsOf(1, 40).map((event) => ({
      ...event,
      atMs: event.seq * 20 * 86_400_000,
    }));
    await Promise.all(archives.map(({ items }) => items.append(events)));
    expect(await archives[0]?.items.read(PAGE)).toEqual(events);
    await Promise.all(archives.map((one) => one[Symbol.asyncDispose]()));
  });

  test('can be dropped for good; a later event of that month makes a new one', async () => {
    const url = await direct(await newMigratedDatabase());
    await using archives = openArchives(url);
    const events = eventsOf(1, 3).map((event) => ({ ...event, atMs: atMs('2026-03-05') }));
    await archives.items.append(events);
    await using client = new SQL(url);
    await client`drop table item_event_2026_03`;
    expect(await archives.items.read(PAGE)).toEqual([]);
    await archives.items.append(events);
    expect(await archives.items.read(PAGE)).toEqual(events);
  });

  test('can be detached and kept; later events of that month go beside it', async () => {
    const url = await direct(await newMigratedDatabase());
    await using client = new SQL(url);
    await using archives = openArchives(url);
    await using other = openArchives(url);
    const events = eventsOf(1, 3).map((event) => ({ ...event, atMs: atMs('2026-03-05') }));
    await archives.items.append(events);
    for (const name of ['item_event_2026_03', 'item_event_2026_03_2']) {
      await client.unsafe(`alter table item_event detach partition ${name} concurrently`);
      expect(await archives.items.read(PAGE)).toEqual([]);
      await Promise.all([archives, other].map(({ items }) => items.append(events)));
      expect(await archives.items.read(PAGE)).toEqual(events);
    }
    await client`drop table item_event_2026_03`;
    await other.items.append(events);
    const kept = await client`select count(*)::int as rows from item_event_2026_03_2`;
    expect(kept[0]).toEqual({ rows: 3 });
    expect(await archives.items.read(PAGE)).toEqual(events);
  });

  test('may be in a partition made by hand', async () => {
    const url = await direct(await newMigratedDatabase());
    await using client = new SQL(url);
    await client`
      create table item_event_2025 partition of item_event
      for values from ('2025-01-01T00:00:00Z') to ('2026-01-01T00:00:00Z')`;
    await using archives = openArchives(url);
    const times = ['2025-03-05', '2025-12-31', '2026-01-01'];
    const events = times.map((day, index) => eventOf(index + 1, { atMs: atMs(day) }));
    await archives.items.append(events);
    expect(await archives.items.read(PAGE)).toEqual(events);
  });
});

test('archivers with the same events in different orders never deadlock', async () => {
  const url = await direct(await newMigratedDatabase());
  const archives = Array.from({ length: 3 }, () => openArchives(url));
  const items = Array.from({ length: 40 }, (_, item) => `L${item}`);
  const from = (first: number, last: number) =>
    items.map((itemId) => eventsOf(first, last, { itemId }));
  await archives[0]?.items.append(from(1, 1).flat());
  for (let first = 2; first < 200; first += 40) {
    const events = from(first, first + 39);
    const orders = [events.flat(), events.toReversed().flat(), events.flat().toReversed()];
    await Promise.all(archives.map((one, index) => one.items.append(orders[index] ?? [])));
  }
  for (const itemId of items) {
    const read = await archives[0]?.items.read({ ...PAGE, itemId });
    expect(read).toEqual(eventsOf(1, 201, { itemId }));
  }
  await Promise.all(archives.map((one) => one[Symbol.asyncDispose]()));
});

test('the columns hold the values for queries in SQL', async () => {
  const url = await direct(await newMigratedDatabase());
  await using archives = openArchives(url);
  await archives.items.append([eventOf(7, { atMs: Date.UTC(2026, 10, 21, 9, 5, 7, 123) })]);
  await using client = new SQL(url);
  const rows = await client`
    select item_id, epoch, seq::int, event_id, type, to_char(at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS.MS') as at,
      bid_id, user_id, amount_micros::int from item_event`;
  expect(rows[0]).toEqual({
    item_id: 'L1',
    epoch: 'epoch1',
    seq: 7,
    event_id: 'event:L1:epoch1:7',
    type: 'bid',
    at: '2026-11-21 09:05:07.123',
    bid_id: 'bid7',
    user_id: 'ann',
    amount_micros: 7_000_000,
  });
});
