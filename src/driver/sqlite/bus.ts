/**
 * The embedded bus in a SQLite file of its own: one row a published batch, kept until every durable
 * name has passed it.
 *
 * `publish` resolves when the batch is durable; what one turn of the event loop publishes shares a
 * commit. With no durable name ever subscribed nothing is kept. A durable name that stays away makes
 * the file grow to `LIMIT.busEvents`; then publishing is refused, and the outbox holds what follows.
 */
import { LIMIT } from '../../core/limit.ts';
import type { ItemEvent } from '../../live/rule/item.ts';
import type { Bus, BusHandler } from '../../port/bus.ts';
import { BUS_TABLES, createBusRows } from './bus-rows.ts';
import { type DurableReader, startDurableReader } from './durable-reader.ts';
import { openServedFile } from './served-file.ts';
import { createTurnCommit } from './turn-commit.ts';

export type SqliteBusOptions = {
  /** Told what a handler threw; the handler of a durable name gets its batch again. */
  readonly onError: (error: unknown) => void;
};

type Published = {
  readonly events: readonly ItemEvent[];
  resolve(): void;
  reject(failure: Error): void;
};

/** @param path a file in an existing folder, or `:memory:` */
export function openSqliteBus(path: string, { onError }: SqliteBusOptions): Bus<ItemEvent> {
  const file = openServedFile(path, { version: 1, create: BUS_TABLES });
  const commit = createTurnCommit(file.database);
  const rows = createBusRows(file.database);
  const cursors = rows.cursors();
  const readers = new Map<string, DurableReader>();
  const passing = new Set<BusHandler<ItemEvent>>();
  let pending: Published[] = [];
  let keptEvents = rows.eventCount();
  let keptAfterCommit = keptEvents;

  function write(): void {
    for (const [name, position] of cursors) rows.writeCursor(name, position);
    const trimmed = rows.trim();
    keptAfterCommit = keptEvents - trimmed;
    if (cursors.size === 0) return;
    for (const { events } of pending) {
      rows.insert(events);
      keptAfterCommit += events.length;
    }
  }

  function settle(failure: Error | null): void {
    const published = pending;
    pending = [];
    if (failure === null) keptEvents = keptAfterCommit;
    for (const { resolve, reject } of published) failure === null ? resolve() : reject(failure);
    for (const reader of readers.values()) reader.wake();
  }

  function publish(events: readonly ItemEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    if (keptEvents >= LIMIT.busEvents) return Promise.reject(new Error('the bus is full'));
    for (const handler of passing) void run(handler, events);
    commit.request();
    return new Promise((resolve, reject) => {
      pending.push({ events, resolve, reject });
    });
  }

  async function run(handler: BusHandler<ItemEvent>, events: readonly ItemEvent[]): Promise<void> {
    try {
      await handler(events);
    } catch (error) {
      onError(error);
    }
  }

  function follow(name: string, handler: BusHandler<ItemEvent>): () => Promise<void> {
    if (readers.has(name)) throw new Error(`the durable name ${name} is subscribed already`);
    const from = cursors.get(name) ?? rows.lastPosition();
    // Its place is durable before anything is published to it.
    rows.writeCursor(name, from);
    cursors.set(name, from);
    const passed = (position: number) => {
      cursors.set(name, position);
      commit.requestLater();
    };
    const { after, putAside } = rows;
    const reader = startDurableReader({ from, after, handler, passed, putAside, onError });
    readers.set(name, reader);
    return async () => {
      await reader.stop();
      readers.delete(name);
    };
  }

  commit.join({ write, settle });
  return {
    publish,
    subscribe: async ({ durableName, handler }) => {
      if (durableName !== null) return follow(durableName, handler);
      passing.add(handler);
      return async () => {
        passing.delete(handler);
      };
    },
    deadLetters: async () => rows.deadLetters(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...readers.values()].map((reader) => reader.stop()));
      commit.close();
      await file.close();
    },
  };
}
