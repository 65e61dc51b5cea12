/**
 * The embedded bus in a SQLite file of its own: one row a published batch, kept until every durable
 * name has passed it.
 *
 * `publish` resolves when the batch is durable; what one turn of the event loop publishes shares a
 * commit. With no durable name ever subscribed nothing is kept. A durable name that stays away makes
 * the file grow to `LIMIT.busEvents`; then publishing is refused, and the outbox holds what follows.
 */
import { LIMIT } from '../../core/limit.ts';
import { createWorking } from '../../core/working.ts';
import type { Bus, BusHandler } from '../../flow/bus.ts';
import type { ItemEvent } from '../../live/rule/item.ts';
import { BUS_TABLES, createBusRows } from './bus/bus-rows.ts';
import { type DurableReader, startDurableReader } from './bus/durable-reader.ts';
import { createPassingReaders } from './bus/passing-readers.ts';
import { openServedFile } from './file/served-file.ts';
import { createTurnCommit } from './file/turn-commit.ts';

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
  const working = createWorking();
  const passing = createPassingReaders({ working, onError });
  const [committing, taking] = [working.part(), working.part()];
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
    failure === null ? committing.works() : committing.failed();
    for (const { resolve, reject } of published) failure === null ? resolve() : reject(failure);
    for (const reader of readers.values()) reader.wake();
  }

  function publish(events: readonly ItemEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    if (keptEvents >= LIMIT.busEvents) {
      taking.failed();
      return Promise.reject(new Error('the bus is full'));
    }
    taking.works();
    passing.give(events);
    commit.request();
    return new Promise((resolve, reject) => {
      pending.push({ events, resolve, reject });
    });
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
    const parts = { from, after, handler, passed, putAside, working: working.part(), onError };
    const reader = startDurableReader(parts);
    readers.set(name, reader);
    return async () => {
      await reader.stop();
      readers.delete(name);
    };
  }

  commit.join({ write, settle });
  return {
    publish,
    subscribe: async ({ durableName, handler }) =>
      durableName === null ? passing.add(handler) : follow(durableName, handler),
    deadLetters: async () => rows.deadLetters(),
    isWorking: working.isWorking,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...readers.values()].map((reader) => reader.stop()));
      commit.close();
      await file.close();
    },
  };
}
