/** What an acknowledged bid survives, and how a book ends that cannot decide. */
import { describe, expect, test } from 'bun:test';
import { openRedisServer, type RedisServer } from '../../../../deploy/local/redis.ts';
import { bidOf, definitionOf, units } from '../../../../test/support/live-item.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { openRedisAt } from '../../../../test/support/redis-connection.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { createRandom } from '../../../core/random.ts';
import { type ItemBook, NotDecidedError, type PlaceAnswer } from '../../../live/port/item-book.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import { createRedisItemBook } from '../item-book.ts';
import { RedisDownError } from '../line/redis-error.ts';
import { createRedisOutbox } from '../outbox.ts';
import { BucketCountError, createBuckets } from './bucket.ts';

const BACK_MS = 2_000;
const LOAD = { bidders: 40, ms: 1_500 };
const FINE = { increment: { kind: 'fixed', amountMicros: units(1) } } as const;

function connectTo({ host, port }: RedisServer) {
  const place = { mode: 'single', masterName: null, password: null, db: 0 } as const;
  return openRedisAt({ ...place, addresses: [{ host, port }] });
}

function placing(book: ItemBook) {
  let count = 0;
  return (amount = ++count) =>
    book.place({
      ...bidOf({ userId: `user${amount % 7}`, amount: 50 + amount }, amount),
      itemId: 'L1',
      idempotencyKey: null,
    });
}

type Load = { readonly acknowledged: PlaceAnswer[]; readonly failures: unknown[] };

/** Bids until the time is over, through whatever happens. */
async function load(book: ItemBook): Promise<Load> {
  const place = placing(book);
  const endsAtMs = performance.now() + LOAD.ms;
  const found: Load = { acknowledged: [], failures: [] };
  async function bidder(): Promise<void> {
    while (performance.now() < endsAtMs) {
      try {
        found.acknowledged.push(await place());
      } catch (error) {
        found.failures.push(error);
        await Bun.sleep(5);
      }
    }
  }
  await Promise.all(Array.from({ length: LOAD.bidders }, bidder));
  return found;
}

describe('a Redis that is killed under load, with its file synced at every write', () => {
  test('has every acknowledged bid when it is started again, and no gap', async () => {
    await using server = await openRedisServer({ appendFsync: 'always' });
    await using connection = connectTo(server);
    expect(await connection.whenUp(BACK_MS)).toBe(true);
    const opened = openRedisBook({ connection, strategy: 'lua', clock: null });
    await using book = opened.book;
    await book.open(definitionOf(FINE));
    const loading = load(book);
    await Bun.sleep(300);
    server.kill('SIGKILL');
    await server.exited;
    await server.restart();
    const { acknowledged, failures } = await loading;
    for (const failure of failures) expect(failure).toBeInstanceOf(NotDecidedError);
    expect(failures.length).toBeGreaterThan(0);
    const events = await opened.outboxAll();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const told = acknowledged.filter((answer) => answer.kind === 'accepted');
    expect(told.length).toBeGreaterThan(100);
    const bySeq = new Map(events.map((event) => [event.seq, event]));
    for (const { seq, eventId, priceMicros } of told) {
      const { eventId: id, amountMicros } = bidIn(bySeq.get(seq));
      expect({ id, amountMicros }).toEqual({ id: eventId ?? '', amountMicros: priceMicros });
    }
    expect(await book.read('L1')).toMatchObject({ seq: events.length });
  }, 20_000);
});

function bidIn(event: ItemEvent | undefined) {
  if (event?.type !== 'bid') throw new Error('an acknowledged bid is not in the outbox');
  return event;
}

describe('a book cannot decide', () => {
  test('while Redis stands still, and says so in time', async () => {
    await using server = await openRedisServer();
    await using connection = connectTo(server);
    await connection.whenUp(BACK_MS);
    await using book = openRedisBook({ connection, strategy: 'lua', clock: null }).book;
    await book.open(definitionOf(FINE));
    const place = placing(book);
    await place();
    server.kill('SIGSTOP');
    for (let round = 0; round < 3; round++) {
      const startedMs = performance.now();
      const calls = await Promise.allSettled(Array.from({ length: 2_000 }, () => place()));
      // Far below the 2 s that a bid may wait in the queue, far above what a busy machine adds.
      expect(performance.now() - startedMs).toBeLessThan(1_000);
      for (const call of calls) {
        expect(call).toMatchObject({ status: 'rejected', reason: expect.any(NotDecidedError) });
      }
    }
    server.kill('SIGCONT');
    expect(await connection.whenUp(BACK_MS)).toBe(true);
    expect(await place(9_000)).toMatchObject({ kind: 'accepted' });
  });

  for (const strategy of ['lua', 'optimistic'] as const) {
    test(`when Redis has no memory left; nothing is half written (${strategy})`, async () => {
      await using server = await openRedisServer();
      await using connection = connectTo(server);
      await connection.whenUp(BACK_MS);
      const opened = openRedisBook({ connection, strategy, clock: null });
      await using book = opened.book;
      await book.open(definitionOf(FINE));
      const place = placing(book);
      await place();
      const before = await book.read('L1');
      await connection.client.call('CONFIG', 'SET', 'maxmemory', '1');
      await expect(place()).rejects.toBeInstanceOf(NotDecidedError);
      expect(await book.read('L1')).toEqual(before);
      await connection.client.call('CONFIG', 'SET', 'maxmemory', '0');
      expect(await place()).toMatchObject({ kind: 'accepted', seq: 2 });
      expect(await opened.outboxAll()).toHaveLength(2);
    });

    test(`while too many events wait for the relay (${strategy})`, async () => {
      const connection = await sharedRedisConnection();
      const buckets = createBuckets(connection, { prefix: `full-${strategy}${process.pid}` });
      const outboxEvents = 3;
      const random = createRandom(1);
      const parts = { connection, buckets, strategy, random, outboxEvents };
      await using book = createRedisItemBook({ ...parts, nextEpoch: () => 'epoch1' });
      const keys = buckets.keys(0);
      await using outbox = createRedisOutbox({ connection, keys, readerId: 'reader' });
      await book.open(definitionOf(FINE));
      const place = placing(book);
      for (let bid = 0; bid < outboxEvents; bid++) await place();
      await expect(place()).rejects.toBeInstanceOf(NotDecidedError);
      expect(await book.read('L1')).toMatchObject({ seq: outboxEvents });
      const entries = await outbox.read({ limit: 10, waitMs: 0 });
      await outbox.ack(entries[0]?.position ?? 0);
      expect(await place()).toMatchObject({ kind: 'accepted' });
    });
  }

  test('on a Redis that was begun with another number of buckets', async () => {
    const connection = await sharedRedisConnection();
    const prefix = `buckets${process.pid}`;
    await createBuckets(connection, { prefix, count: 4 }).check();
    const other = createBuckets(connection, { prefix, count: 8 });
    const message = 'this Redis was begun with REDIS_BUCKETS=4, not 8';
    await expect(other.check()).rejects.toThrow(message);
    const random = createRandom(1);
    const parts = { connection, buckets: other, random, nextEpoch: () => 'epoch1' };
    await using book = createRedisItemBook(parts);
    await expect(book.read('L1')).rejects.toBeInstanceOf(BucketCountError);
  });
});

describe('a reader of the outbox whose answer was lost', () => {
  test('is given the same entries again, and those behind them', async () => {
    await using server = await openRedisServer();
    await using connection = connectTo(server);
    await connection.whenUp(BACK_MS);
    const opened = openRedisBook({ connection, strategy: 'lua', clock: null });
    await using book = opened.book;
    await book.open(definitionOf(FINE));
    const place = placing(book);
    const [outbox] = opened.outboxes;
    expect(await outbox?.read({ limit: 9, waitMs: 0 })).toEqual([]);
    for (let bid = 0; bid < 3; bid++) await place();
    // It is in the socket of a Redis that stands still: carried out when Redis goes on.
    server.kill('SIGSTOP');
    await expect(outbox?.read({ limit: 9, waitMs: 0 })).rejects.toBeInstanceOf(RedisDownError);
    server.kill('SIGCONT');
    expect(await connection.whenUp(BACK_MS)).toBe(true);
    await place();
    const entries = await outbox?.read({ limit: 9, waitMs: 0 });
    expect(entries?.map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
  });
});

describe('a reader of an outbox whose stream was lost', () => {
  test('is given what is appended from then on', async () => {
    const connection = await sharedRedisConnection();
    const opened = openRedisBook({ connection, strategy: 'lua', clock: null, buckets: 1 });
    await using book = opened.book;
    await book.open(definitionOf(FINE));
    const place = placing(book);
    const [outbox] = opened.outboxes;
    await place();
    expect(await outbox?.read({ limit: 9, waitMs: 0 })).toHaveLength(1);
    await connection.client.del(opened.buckets.keys(0).outbox);
    expect(await outbox?.read({ limit: 9, waitMs: 0 })).toEqual([]);
    await place();
    const entries = await outbox?.read({ limit: 9, waitMs: 0 });
    expect(entries?.map(({ event }) => event.seq)).toEqual([2]);
  });
});

describe('of two readers of an outbox', () => {
  test('one is given entries; the other goes on where it was when it is gone', async () => {
    const connection = await sharedRedisConnection();
    const opened = openRedisBook({ connection, strategy: 'lua', clock: null, buckets: 1 });
    await using book = opened.book;
    await book.open(definitionOf(FINE));
    const place = placing(book);
    const keys = opened.buckets.keys(0);
    const first = createRedisOutbox({ connection, keys, readerId: 'first' });
    await using second = createRedisOutbox({ connection, keys, readerId: 'second' });
    for (let bid = 0; bid < 4; bid++) await place();
    const given = await first.read({ limit: 3, waitMs: 0 });
    expect(await second.read({ limit: 9, waitMs: 30 })).toEqual([]);
    await first.ack(given[1]?.position ?? 0);
    await first[Symbol.asyncDispose]();
    const entries = await second.read({ limit: 9, waitMs: 0 });
    expect(entries.map(({ event }) => event.seq)).toEqual([3, 4]);
    await second.ack(entries.at(-1)?.position ?? 0);
    expect(await connection.client.xlen(keys.outbox)).toBe(0);
    expect(await second.backlog()).toEqual({ events: 0, oldestAtMs: null });
  });
});

test('an ack beyond what was ever added counts for nothing that comes later', async () => {
  const connection = await sharedRedisConnection();
  const opened = openRedisBook({ connection, strategy: 'lua', clock: null, buckets: 1 });
  await using book = opened.book;
  await book.open(definitionOf(FINE));
  const place = placing(book);
  const [outbox] = opened.outboxes;
  await place();
  await outbox?.ack(1_000);
  await place();
  expect(await outbox?.backlog()).toMatchObject({ events: 1 });
});

test('a book refuses the bids that are more than may wait', async () => {
  const connection = await sharedRedisConnection();
  const limit = { batch: 1, waiting: 2, longestMs: 10_000 };
  await using book = openRedisBook({ connection, strategy: 'lua', clock: null, limit }).book;
  await book.open(definitionOf(FINE));
  const place = placing(book);
  const ends = await Promise.allSettled([place(), place(), place()]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
});
