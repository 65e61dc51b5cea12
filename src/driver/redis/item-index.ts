/**
 * The item index in Redis: sorted sets that the book's scripts keep, merged over the buckets.
 *
 * A page is exact for items that neither open nor end while it is read. Times count, not only what
 * was written: an item that was opened for later is active from its opening on. When Redis is away,
 * calls reject with `NotDecidedError`. Of a Cluster that has lost a master the list rejects as a whole;
 * what is due is told of the buckets that answer.
 */
import { present } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import type { ItemIndex, ItemListPage } from '../../live/port/item-index.ts';
import type { ItemState, ItemStatus } from '../../live/rule/item.ts';
import { statusAt } from '../../live/rule/life.ts';
import type { BucketKeys, Buckets } from './book/bucket.ts';
import { STATE_FIELDS, stateFrom } from './book/item-hash.ts';
import { decided } from './book/not-decided.ts';
import type { RedisConnection } from './line/connection.ts';

export type RedisItemIndexParts = {
  readonly connection: RedisConnection;
  readonly buckets: Buckets;
  /** Tells which items have opened, for the list. */
  readonly clock: Clock;
};

type DueId = { readonly itemId: string; readonly endsAtMs: number };

/** What is read at a time where the status of an item is known only from its state. */
const LEAST_PAGE = 100;

export function createRedisItemIndex(parts: RedisItemIndexParts): ItemIndex {
  const { connection, buckets, clock } = parts;
  const allKeys = Array.from({ length: buckets.count }, (_, bucket) => buckets.keys(bucket));

  async function readState(itemId: string): Promise<ItemState | null> {
    const key = buckets.keys(buckets.of(itemId)).item(itemId);
    return stateFrom(await connection.call(key, (client) => client.hmget(key, ...STATE_FIELDS)));
  }

  /** The next ids of all buckets, by rising id. */
  async function nextIds(status: ItemStatus | null, after: string, count: number) {
    const sets = allKeys.flatMap((keys) => setsOf(keys, status));
    const min = after === '' ? '-' : `(${after}`;
    const pages = await Promise.all(
      sets.map((set) =>
        connection.call(set, (client) => client.zrangebylex(set, min, '+', 'LIMIT', 0, count)),
      ),
    );
    return [...new Set(pages.flat())].sort(byText).slice(0, count);
  }

  async function list({ status, afterItemId, limit }: ItemListPage): Promise<ItemState[]> {
    const found: ItemState[] = [];
    const count = Math.max(limit, LEAST_PAGE);
    let after = afterItemId ?? '';
    for (;;) {
      const ids = await nextIds(status, after, count);
      const states = await Promise.all(ids.map(readState));
      const nowMs = clock.nowMs();
      for (const state of states) {
        if (state !== null && (status === null || statusAt(state, nowMs) === status)) {
          found.push(state);
        }
      }
      if (found.length >= limit || ids.length < count) return found.slice(0, limit);
      after = ids.at(-1) ?? after;
    }
  }

  async function dueIds(untilMs: number | '+inf', limit: number): Promise<DueId[]> {
    const reads = allKeys.map(({ due }) =>
      connection.call(due, (client) =>
        client.zrangebyscore(due, '-inf', untilMs, 'WITHSCORES', 'LIMIT', 0, limit),
      ),
    );
    const ends = await Promise.allSettled(reads);
    const pages = ends.filter((end) => end.status === 'fulfilled').map(({ value }) => value);
    if (pages.length === 0) throw new NotDecidedError('no bucket can be read', { cause: ends });
    return pages.flatMap(dueOf).sort((left, right) => left.endsAtMs - right.endsAtMs);
  }

  return {
    list: (page) => decided(() => list(page)),
    due: (nowMs, limit) =>
      decided(async () => (await dueIds(nowMs, limit)).slice(0, limit).map(({ itemId }) => itemId)),
    nextDueMs: () => decided(async () => (await dueIds('+inf', 1))[0]?.endsAtMs ?? null),
  };
}

function setsOf(keys: BucketKeys, status: ItemStatus | null): string[] {
  switch (status) {
    case 'ended':
      return [keys.ended];
    case 'scheduled':
      return [keys.scheduled];
    case 'active':
      return [keys.open];
    case null:
      return [keys.open, keys.ended];
  }
}

function dueOf(withScores: readonly string[]): DueId[] {
  const found: DueId[] = [];
  for (let index = 0; index + 1 < withScores.length; index += 2) {
    found.push({
      itemId: present(withScores[index], 'the id of a due item'),
      endsAtMs: Number(withScores[index + 1]),
    });
  }
  return found;
}

/** As Redis orders them: ids are ASCII, where bytes and UTF-16 units agree. */
function byText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
