/**
 * The outbox of one bucket: a stream that the book's scripts append to, read by a consumer group.
 *
 * One reader at a time, on whichever node: it holds a lease that it prolongs while it lives, others
 * wait for it. Who takes the lease begins with what was given to the one before and not acked. An
 * entry holds all events of one script call; its id in the stream is the number of its first event
 * since the bucket began, so the position of an event is that number too: it rises for good and has no
 * gap. Entries are trimmed when all their events are acked, and by nothing else.
 */

import { sleep } from '../../core/timer.ts';
import type { Outbox, OutboxEntry } from '../../live/port/outbox.ts';
import type { ItemEvent } from '../../live/rule/item.ts';
import type { BucketKeys } from './book/bucket.ts';
import { eventsOf } from './book/event-row.ts';
import { createReaderLease, LEASE_MS } from './book/reader-lease.ts';
import type { RedisConnection } from './line/connection.ts';
import ackText from './script/outbox-ack.lua' with { type: 'text' };
import readText from './script/outbox-read.lua' with { type: 'text' };
import { createScript } from './script/script.ts';

const READ = createScript(readText);
const ACK = createScript(ackText);

/** Asking costs Redis some 20 us; a blocked read would need a connection a bucket on a Cluster. */
const POLL_MS = 10;
const STANDBY_POLL_MS = 200;
const NEW = '>';

export type RedisOutboxParts = {
  readonly connection: RedisConnection;
  readonly keys: BucketKeys;
  /** Names this reader among all that ever read. */
  readonly readerId: string;
};

/** Disposing it gives up the lease. */
export type RedisOutbox = Outbox & AsyncDisposable;

type GivenEntry = { readonly id: string; readonly lastPosition: number };
type RawEntry = readonly [id: string, atMs: string, events: string, payload: string];
type RawRead = readonly [taken: 0 | 1, acked: string, entries: readonly RawEntry[]];

export function createRedisOutbox({ connection, keys, readerId }: RedisOutboxParts): RedisOutbox {
  const { clock, timers } = connection;
  let from = '0';
  let fetched: OutboxEntry[] = [];
  let given: GivenEntry[] = [];
  const lease = createReaderLease(connection, keys.lease, readerId);

  function forget(): void {
    from = '0';
    fetched = [];
    given = [];
  }

  /** Whether this is the one reader. */
  async function fetch(limit: number): Promise<boolean> {
    const reply = (await connection.run(
      READ,
      [keys.lease, keys.count, keys.outbox],
      [readerId, LEASE_MS, from, limit],
    )) as RawRead | null;
    if (reply === null) {
      forget();
      lease.lose();
      return false;
    }
    const [taken, acked, entries] = reply;
    if (taken === 1) {
      forget();
      lease.hold();
      return fetch(limit);
    }
    for (const entry of entries) keep(entry, Number(acked));
    const events = entries.reduce((sum, entry) => sum + Number(entry[2]), 0);
    if (from === NEW || events >= limit) return true;
    from = NEW;
    return fetch(limit);
  }

  /** The entries of a reply that was lost are pending: whoever only asked for new ones would skip them. */
  function askAgain(error: unknown): never {
    forget();
    throw error;
  }

  function keep([id, atMs, , payload]: RawEntry, acked: number): void {
    const first = firstPosition(id);
    const events = eventsOf(payload, Number(atMs));
    given.push({ id, lastPosition: first + events.length - 1 });
    events.forEach((event: ItemEvent, index) => {
      if (first + index > acked) fetched.push({ position: first + index, event });
    });
    if (from !== NEW) from = id;
  }

  return {
    read: async ({ limit, waitMs }) => {
      const endsAtMs = clock.elapsedMs() + waitMs;
      while (fetched.length === 0) {
        const isReader = await fetch(limit).catch(askAgain);
        const leftMs = endsAtMs - clock.elapsedMs();
        if (fetched.length > 0 || leftMs <= 0) break;
        await sleep(timers, Math.min(leftMs, isReader ? POLL_MS : STANDBY_POLL_MS));
      }
      const entries = fetched.slice(0, limit);
      fetched = fetched.slice(limit);
      return entries;
    },
    ack: async (position) => {
      const isDone = (entry: GivenEntry) => entry.lastPosition <= position;
      const done = given.filter(isDone).map(({ id }) => id);
      await connection.run(ACK, [keys.count, keys.outbox], [position, ...done]);
      given = given.filter((entry) => !isDone(entry));
    },
    backlog: () => backlogOf(connection, keys),
    [Symbol.asyncDispose]: () => {
      forget();
      return lease.giveUp();
    },
  };
}

async function backlogOf(connection: RedisConnection, keys: BucketKeys) {
  const [counts, oldest] = await connection.call(keys.count, (client) =>
    Promise.all([
      client.hmget(keys.count, 'added', 'acked'),
      client.xrange(keys.outbox, '-', '+', 'COUNT', 1),
    ]),
  );
  const events = Number(counts[0]) - Number(counts[1]);
  const atMs = oldest[0]?.[1][1];
  return { events, oldestAtMs: events === 0 || atMs === undefined ? null : Number(atMs) };
}

function firstPosition(id: string): number {
  return Number(id.slice(0, id.indexOf('-')));
}
