/** A live file in its own folder, in the form of the contracts: with a view of its whole outbox. */
import { Database } from 'bun:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers, type Timers } from '../../src/core/timer.ts';
import { SQLITE_LIMIT, type SqliteLimit } from '../../src/driver/sqlite/file/limit.ts';
import { type LiveFile, openLiveFile } from '../../src/driver/sqlite/item-book.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { OpenedBook } from './item-book-bench.ts';

export type TemporaryFolder = AsyncDisposable & { readonly path: string };

export async function openTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'gavel-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export type LiveFileParts = {
  readonly timers?: Timers;
  /** Bounds that are not the usual ones. */
  readonly limit?: Partial<SqliteLimit>;
};

export function openLiveFileAt(path: string, clock: Clock, parts: LiveFileParts = {}): LiveFile {
  const { timers = systemTimers } = parts;
  const limit = { ...SQLITE_LIMIT, ...parts.limit };
  return openLiveFile(path, { clock, timers, random: createRandom(7), limit });
}

/** A book on a fresh file; disposing it removes the folder. */
export async function openFiledBook(clock: Clock): Promise<OpenedBook> {
  const folder = await openTemporaryFolder();
  return openedBook(folder, clock);
}

function openedBook(folder: TemporaryFolder, clock: Clock): OpenedBook {
  const path = join(folder.path, 'live.db');
  const file = openLiveFileAt(path, clock);
  const seen: ItemEvent[] = [];
  let isReopened = false;
  return {
    book: {
      ...file.book,
      [Symbol.asyncDispose]: async () => {
        await file[Symbol.asyncDispose]();
        if (!isReopened) await folder[Symbol.asyncDispose]();
      },
    },
    outboxAll: async () => {
      const entries = await file.outbox.read({ limit: 1_000_000, waitMs: 0 });
      seen.push(...entries.map(({ event }) => event));
      return seen;
    },
    reopen: async () => {
      await file[Symbol.asyncDispose]();
      isReopened = true;
      return openedBook(folder, clock);
    },
    failStore: () => breakTable(path),
  };
}

/** Takes a table that every commit writes to out of the file; answers how to put it back. */
export function breakTable(path: string): () => void {
  rename(path, 'item', 'item_away');
  return () => rename(path, 'item_away', 'item');
}

function rename(path: string, from: string, to: string): void {
  const database = new Database(path);
  database.run(`alter table ${from} rename to ${to}`);
  database.close();
}
