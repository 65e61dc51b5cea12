/**
 * The embedded bus in a SQLite file of its own: one row a published batch, kept until every durable
 * name has passed it.
 *
 * `publish` resolves when the batch is durable; what one turn of the event loop publishes shares a
 * commit. With no durable name ever subscribed nothing is kept. A durable name that stays away makes
 * the file grow to `mostEvents`; then publishing is refused, and the outbox holds what follows.
 */
import type { Timers } from '../../core/timer.ts';
import { createWorking } from '../../core/working.ts';
import type { Bus } from '../../flow/bus.ts';
import type { ItemEvent } from '../../live/rule/item.ts';
import { BUS_TABLES, createBusRows } from './bus/bus-rows.ts';
import { createDurableNames } from './bus/durable-names.ts';
import { createPassingReaders } from './bus/passing-readers.ts';
import { SQLITE_LIMIT } from './file/limit.ts';
import { openServedFile } from './file/served-file.ts';
import { createTurnCommit } from './file/turn-commit.ts';
import {
  createFollowerLineage,
  type FollowerLineage,
  LINEAGE_TABLES,
} from './lineage/follower-lineage.ts';

export type SqliteBusOptions = {
  /** Told what a handler threw; the handler of a durable name gets its batch again. */
  readonly onError: (error: unknown) => void;
  readonly timers: Timers;
  /** Events that are kept for durable names: beyond it publishing is refused. */
  readonly mostEvents?: number;
};

type Published = {
  readonly events: readonly ItemEvent[];
  resolve(): void;
  reject(failure: Error): void;
};

export type SqliteBus = Bus<ItemEvent> & { readonly lineage: FollowerLineage };

/** @param path a file in an existing folder, or `:memory:` */
export function openSqliteBus(path: string, options: SqliteBusOptions): SqliteBus {
  const { onError, timers, mostEvents = SQLITE_LIMIT.busEvents } = options;
  const file = openServedFile(path, { version: 1, create: [...BUS_TABLES, ...LINEAGE_TABLES] });
  const commit = createTurnCommit(file.database, timers);
  const rows = createBusRows(file.database);
  const lineage = createFollowerLineage(file.database, {
    name: 'bus.db',
    anyEvent: 'select 1 from bus_batch limit 1',
  });
  const working = createWorking();
  const names = createDurableNames({ rows, commit, timers, working, onError });
  const passing = createPassingReaders({ working, onError });
  const [committing, taking] = [working.part(), working.part()];
  let pending: Published[] = [];
  let keptEvents = rows.eventCount();
  let keptAfterCommit = keptEvents;

  function write(): void {
    names.write();
    const trimmed = rows.trim();
    keptAfterCommit = keptEvents - trimmed;
    if (names.count() === 0) return;
    for (const { events } of pending) {
      rows.insert(events);
      keptAfterCommit += events.length;
    }
    const newest = pending.at(-1)?.events.at(-1);
    if (newest !== undefined) lineage.note(newest);
  }

  function settle(failure: Error | null): void {
    const published = pending;
    pending = [];
    if (failure === null) keptEvents = keptAfterCommit;
    failure === null ? committing.works() : committing.failed();
    for (const { resolve, reject } of published) failure === null ? resolve() : reject(failure);
    names.wake();
  }

  function publish(events: readonly ItemEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    if (keptEvents >= mostEvents) {
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

  commit.join({ write, settle });
  return {
    publish,
    subscribe: async ({ durableName, handler }) =>
      durableName === null ? passing.add(handler) : names.follow(durableName, handler),
    deadLetters: async () => rows.deadLetters(),
    isWorking: () => commit.isWorking() && working.isWorking(),
    lineage,
    [Symbol.asyncDispose]: async () => {
      await names.stop();
      commit.close();
      await file.close();
    },
  };
}
