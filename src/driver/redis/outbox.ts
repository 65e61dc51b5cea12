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

export function createRedisOutbox(parts: RedisOutboxParts): RedisOutbox {
  const { connection, keys, readerId } = parts;
  const { clock, timers } = connection;
  const lease = createReaderLease(connection, keys.lease, readerId);
  const fetched = createFetched();

  /** Whether this is the one reader. */
  async function fetch(limit: number): Promise<boolean> {
    const reply = (await connection.run(
      READ,
      [keys.lease, keys.count, keys.outbox],
      [readerId, LEASE_MS, fetched.from(), limit],
    )) as RawRead | null;
    if (reply === null) {
      fetched.forget();
      lease.lose();
      return false;
    }
    const [taken, acked, entries] = reply;
    if (taken === 1) {
      fetched.forget();
      lease.hold();
      return fetch(limit);
    }
    return fetched.keep(entries, { acked: Number(acked), limit }) ? true : fetch(limit);
  }

  /** The entries of a reply that was lost are pending: asking only for new ones would skip them. */
  function askAgain(error: unknown): never {
    fetched.forget();
    throw error;
  }

  return {
    read: async ({ limit, waitMs }) => {
      const endsAtMs = clock.elapsedMs() + waitMs;
      while (fetched.isEmpty()) {
        const isReader = await fetch(limit).catch(askAgain);
        const leftMs = endsAtMs - clock.elapsedMs();
        if (!fetched.isEmpty() || leftMs <= 0) break;
        await sleep(timers, Math.min(leftMs, isReader ? POLL_MS : STANDBY_POLL_MS));
      }
      return fetched.take(limit);
    },
    ack: async (position) => {
      await connection.run(ACK, [keys.count, keys.outbox], [position, ...fetched.upTo(position)]);
      fetched.dropUpTo(position);
    },
    backlog: () => backlogOf(connection, keys),
    [Symbol.asyncDispose]: () => {
      fetched.forget();
      return lease.giveUp();
    },
  };
}

/** What came from the stream: events that were not handed on yet, and entries that are not acked. */
function createFetched() {
  let from = '0';
  let waiting: OutboxEntry[] = [];
  let given: GivenEntry[] = [];
  const isUpTo = (position: number) => (entry: GivenEntry) => entry.lastPosition <= position;

  function add([id, atMs, , payload]: RawEntry, acked: number): void {
    const first = firstPosition(id);
    const events = eventsOf(payload, Number(atMs));
    given.push({ id, lastPosition: first + events.length - 1 });
    events.forEach((event: ItemEvent, index) => {
      if (first + index > acked) waiting.push({ position: first + index, event });
    });
    if (from !== NEW) from = id;
  }

  return {
    /** Where to go on: first through what is pending, then with what is new. */
    from: () => from,
    isEmpty: () => waiting.length === 0,
    forget: (): void => {
      from = '0';
      waiting = [];
      given = [];
    },
    /** @returns whether it is enough; else what is new is to be asked for. */
    keep: (
      entries: readonly RawEntry[],
      { acked, limit }: { readonly acked: number; readonly limit: number },
    ): boolean => {
      for (const entry of entries) add(entry, acked);
      const events = entries.reduce((sum, entry) => sum + Number(entry[2]), 0);
      if (from === NEW || events >= limit) return true;
      from = NEW;
      return false;
    },
    take: (limit: number): OutboxEntry[] => {
      const entries = waiting.slice(0, limit);
      waiting = waiting.slice(limit);
      return entries;
    },
    upTo: (position: number): string[] => given.filter(isUpTo(position)).map(({ id }) => id),
    dropUpTo: (position: number): void => {
      given = given.filter((entry) => !isUpTo(position)(entry));
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
