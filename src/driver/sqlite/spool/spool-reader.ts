/** Readers of the spool: each has a name and, in a row of its own, how far it has acked. */
import type { Database } from 'bun:sqlite';
import type { SpoolEntry } from '../../../exchange/port/spool.ts';
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import type { Log } from '../../../flow/log.ts';
import type { WaitingReaders } from '../file/waiting-readers.ts';
import type { GroupCommit, Settle } from './group-commit.ts';

export type SpoolReaderParts = {
  readonly onLost: (events: number) => void;
  readonly database: Database;
  readonly commit: GroupCommit;
  /** Woken by each commit of events. */
  readonly waiting: WaitingReaders;
  readonly read: (afterPosition: number) => Iterable<SpoolEntry>;
  readonly lastPosition: () => number;
};

export function createSpoolReader(name: string, parts: SpoolReaderParts): Log<AuctionEvent> {
  const { waiting, read, lastPosition, onLost } = parts;
  const cursor = createCursor(name, parts);
  let given = cursor.acked();

  function take(limit: number): SpoolEntry[] {
    const entries = firstOf(read(given), limit);
    const newest = entries.at(-1);
    if (newest === undefined) return entries;
    const lost = newest.position - given - entries.length;
    given = newest.position;
    if (lost > 0) onLost(lost);
    return entries;
  }

  return {
    read: async ({ limit, waitMs }) => {
      const entries = take(limit);
      if (entries.length > 0 || waitMs === 0) return entries;
      await waiting.wait(waitMs);
      return take(limit);
    },
    ack: async (position) => cursor.ack(Math.min(position, given)),
    backlog: async () => {
      const [oldest] = firstOf(read(cursor.acked()), 1);
      return {
        events: lastPosition() - cursor.acked(),
        oldestAtMs: oldest?.event.atMs ?? null,
      };
    },
  };
}

function createCursor(name: string, { database, commit }: SpoolReaderParts) {
  const select = database.query<{ position: number }, [string]>(
    'select position from spool_cursor where name = ?1',
  );
  const upsert = database.query(
    `insert into spool_cursor (name, position) values (?1, ?2)
     on conflict (name) do update set position = excluded.position`,
  );
  let acked = select.get(name)?.position ?? 0;
  let onDisk = acked;

  function write(): Settle | undefined {
    if (acked === onDisk) return undefined;
    const written = acked;
    upsert.run(name, written);
    return (isCommitted) => {
      if (isCommitted) onDisk = written;
    };
  }

  commit.join({ write });
  return {
    acked: () => acked,
    ack: (position: number): void => {
      if (position <= acked) return;
      acked = position;
      commit.request();
    },
  };
}

function firstOf(entries: Iterable<SpoolEntry>, count: number): SpoolEntry[] {
  const first: SpoolEntry[] = [];
  for (const entry of entries) if (first.push(entry) === count) break;
  return first;
}
