/**
 * Tells whether a replica is too far behind its primary to be read from.
 *
 * Each second both are asked how far their log has come, and the replica must reach within a bounded
 * time where the primary was. So a primary that writes nothing makes no replica old, and it does not
 * matter why one stands still. While one of them does not answer, what was found last holds.
 */
import { sql } from 'kysely';
import type { PostgresDatabase } from './database.ts';

const EVERY_MS = 1_000;
const MOST_BEHIND_MS = 5_000;

/** `unknown` until both have answered. */
export type Freshness = 'unknown' | 'fresh' | 'behind';

export type ReplicaWatch = {
  freshness(): Freshness;
  stop(): void;
};

type Databases = {
  readonly primary: PostgresDatabase<unknown>;
  readonly replica: PostgresDatabase<unknown>;
};

/** @param databases are the caller's to free, after it has stopped the watch */
export function watchReplica(
  { primary, replica }: Databases,
  mostBehindMs = MOST_BEHIND_MS,
): ReplicaWatch {
  let freshness: Freshness = 'unknown';
  let goal: { readonly position: number; readonly atMs: number } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  async function compare(): Promise<void> {
    const position = await positionOf(primary);
    const atMs = performance.now();
    const reached = await positionOf(replica);
    goal ??= { position, atMs };
    const isThere = reached >= goal.position;
    if (isThere) freshness = 'fresh';
    else if (atMs - goal.atMs > mostBehindMs) freshness = 'behind';
    // One that is behind must catch up with what is new, not with what was too late already.
    if (isThere || freshness === 'behind') goal = { position, atMs };
  }

  async function follow(): Promise<void> {
    await compare().catch(() => undefined);
    if (!isStopped) timer = setTimeout(follow, EVERY_MS);
  }

  void follow();
  return {
    freshness: () => freshness,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** In bytes of the log. Either may have changed its part since it was configured. */
async function positionOf({ db }: PostgresDatabase<unknown>): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    select pg_wal_lsn_diff(
      case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
      '0/0')::bigint as position`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL tells no position of its log');
  return row.position;
}
