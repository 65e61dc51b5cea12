/** The durable names of a bus: where each is, and the readers of those that are subscribed. */
import type { Timers } from '../../../core/timer.ts';
import type { Working } from '../../../core/working.ts';
import type { BusHandler } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { TurnCommit } from '../file/turn-commit.ts';
import type { BusRows } from './bus-rows.ts';
import { type DurableReader, startDurableReader } from './durable-reader.ts';

export type DurableNamesParts = {
  readonly rows: BusRows;
  readonly commit: Pick<TurnCommit, 'requestLater'>;
  readonly timers: Timers;
  readonly working: Working;
  readonly onError: (error: unknown) => void;
};

export type DurableNames = {
  /** How many there are, subscribed or not: events are kept for all of them. */
  count(): number;
  follow(name: string, handler: BusHandler<ItemEvent>): () => Promise<void>;
  /** Writes how far each is, inside a transaction. */
  write(): void;
  /** Says that there may be more to read. */
  wake(): void;
  stop(): Promise<void>;
};

export function createDurableNames(parts: DurableNamesParts): DurableNames {
  const { rows, commit, timers, working, onError } = parts;
  const { after, putAside } = rows;
  const cursors = rows.cursors();
  const readers = new Map<string, DurableReader>();

  /** Its place is durable before anything is published to it. */
  function begin(name: string): number {
    const from = cursors.get(name) ?? rows.lastPosition();
    rows.writeCursor(name, from);
    cursors.set(name, from);
    return from;
  }

  return {
    count: () => cursors.size,
    follow(name, handler) {
      if (readers.has(name)) throw new Error(`the durable name ${name} is subscribed already`);
      const reader = startDurableReader({
        from: begin(name),
        after,
        handler,
        passed: (position) => {
          cursors.set(name, position);
          commit.requestLater();
        },
        putAside,
        timers,
        working: working.part(),
        onError,
      });
      readers.set(name, reader);
      return async () => {
        await reader.stop();
        readers.delete(name);
      };
    },
    write() {
      for (const [name, position] of cursors) rows.writeCursor(name, position);
    },
    wake() {
      for (const reader of readers.values()) reader.wake();
    },
    async stop() {
      await Promise.all([...readers.values()].map((reader) => reader.stop()));
    },
  };
}
