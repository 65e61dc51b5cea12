/**
 * Decides whether a replica is too far behind its primary to be read from.
 *
 * Each second it reads the log position of both, and the replica must reach within a bounded time
 * the position that the primary had. So an idle primary makes no replica stale, and the reason why
 * a replica stands still does not matter. While one of them does not answer, the last result holds.
 */
import { type Kysely, sql } from 'kysely';
import { present } from '../../../core/assert.ts';
import type { PostgresTime } from './database.ts';

const EVERY_MS = 1_000;
const MOST_BEHIND_MS = 5_000;

/** `unknown` until both have answered. */
export type Freshness = 'unknown' | 'fresh' | 'behind';

export type ReplicaWatch = {
  freshness(): Freshness;
  stop(): void;
};

export type ReplicaWatchParts = PostgresTime & {
  /** The log position of each, in bytes. */
  readonly primaryPosition: () => Promise<number>;
  readonly replicaPosition: () => Promise<number>;
  readonly mostBehindMs?: number;
};

export function watchReplica(parts: ReplicaWatchParts): ReplicaWatch {
  const { clock, timers, mostBehindMs = MOST_BEHIND_MS } = parts;
  let freshness: Freshness = 'unknown';
  let goal: { readonly position: number; readonly atMs: number } | undefined;
  let isStopped = false;
  let callOff = () => {};

  async function compare(): Promise<void> {
    const position = await parts.primaryPosition();
    const atMs = clock.elapsedMs();
    const reached = await parts.replicaPosition();
    goal ??= { position, atMs };
    const isThere = reached >= goal.position;
    if (isThere) freshness = 'fresh';
    else if (atMs - goal.atMs > mostBehindMs) freshness = 'behind';
    // A replica that is behind must catch up with the newest position, not with the missed one.
    if (isThere || freshness === 'behind') goal = { position, atMs };
  }

  async function follow(): Promise<void> {
    await compare().catch(() => undefined);
    if (!isStopped) callOff = timers.after(EVERY_MS, () => void follow());
  }

  void follow();
  return {
    freshness: () => freshness,
    stop: () => {
      isStopped = true;
      callOff();
    },
  };
}

/** For a primary or a replica: their roles may have changed since they were configured. */
export async function logPositionOf(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    select pg_wal_lsn_diff(
      case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
      '0/0')::bigint as position`.execute(db);
  return present(rows[0], 'the position of the log').position;
}
