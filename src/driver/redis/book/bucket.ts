/**
 * Buckets: every live item lives in one of them, together with all that is decided with it.
 *
 * The keys of a bucket carry its tag in braces, so that a Cluster keeps them on one node and a script
 * may touch them together. How many buckets there are is written down at the first start: with another
 * number items would be looked for where they are not, so that is refused.
 */
import type { Clock } from '../../../core/clock.ts';
import type { RedisConnection } from '../line/connection.ts';

export type BucketKeys = {
  /** The stream of events that nobody has carried away. */
  readonly outbox: string;
  /** How many events were ever added, and up to which they are acked. */
  readonly count: string;
  /** Ids of the items that have not ended, by id; those that opened later than they were made. */
  readonly open: string;
  readonly scheduled: string;
  readonly ended: string;
  /** Ids by the end in force. */
  readonly due: string;
  readonly lease: string;
  item(itemId: string): string;
  /** The secret bid records of an item. */
  bids(itemId: string): string;
  /** How the item stood before some of those records: see script/item.lua. */
  marks(itemId: string): string;
  answer(itemId: string, userId: string, idempotencyKey: string): string;
  /** How many idempotency keys a user has used on an item. */
  keys(itemId: string, userId: string): string;
};

export type Buckets = {
  readonly count: number;
  /** The number of the bucket that holds an item. */
  of(itemId: string): number;
  keys(bucket: number): BucketKeys;
  /** @throws BucketCountError when this Redis was begun with another number */
  check(): Promise<void>;
};

export class BucketCountError extends Error {
  override readonly name = 'BucketCountError';
}

const SINGLE_BUCKETS = 1;
const CLUSTER_BUCKETS = 16;

export type BucketOptions = {
  /** 1 unless said otherwise, 16 on a Cluster. */
  readonly count?: number;
  /** What all their keys begin with. */
  readonly prefix?: string;
};

export function createBuckets(connection: RedisConnection, options: BucketOptions = {}): Buckets {
  const { count = connection.isCluster ? CLUSTER_BUCKETS : SINGLE_BUCKETS, prefix = 'gavel' } =
    options;
  const keys = Array.from({ length: count }, (_, bucket) => bucketKeys(`{${prefix}:${bucket}}`));
  const countKey = `${prefix}:buckets`;
  let isChecked = false;

  return {
    count,
    of: (itemId) => hashOf(itemId) % count,
    keys: (bucket) => {
      const found = keys[bucket];
      if (found === undefined) throw new RangeError(`there is no bucket ${bucket}`);
      return found;
    },
    check: async () => {
      if (isChecked) return;
      const found = await connection.call(countKey, async (client) => {
        await client.setnx(countKey, count);
        return client.get(countKey);
      });
      if (Number(found) !== count) {
        throw new BucketCountError(
          `this Redis was begun with REDIS_BUCKETS=${found}, not ${count}`,
        );
      }
      isChecked = true;
    },
  };
}

function bucketKeys(tag: string): BucketKeys {
  return {
    outbox: `${tag}:outbox`,
    count: `${tag}:count`,
    open: `${tag}:open`,
    scheduled: `${tag}:scheduled`,
    ended: `${tag}:ended`,
    due: `${tag}:due`,
    lease: `${tag}:lease`,
    item: (itemId) => `${tag}:item:${itemId}`,
    bids: (itemId) => `${tag}:bids:${itemId}`,
    marks: (itemId) => `${tag}:marks:${itemId}`,
    // As JSON: ids and keys may hold the colon that would part them.
    answer: (...parts) => `${tag}:answer:${JSON.stringify(parts)}`,
    keys: (...parts) => `${tag}:keys:${JSON.stringify(parts)}`,
  };
}

/** What `read_item` of script/item.lua is given. */
export function itemScriptKeys(keys: BucketKeys, itemId: string): string[] {
  return [keys.item(itemId), keys.bids(itemId), keys.marks(itemId)];
}

export type ScriptBounds = {
  /** What time a script decides at; that of Redis when null. */
  readonly clock: Clock | null;
  /** Events of a bucket that may wait for the relay. */
  readonly outboxEvents: number;
};

/** The first keys of every script that decides: see script/item.lua. */
export function bucketScriptKeys(keys: BucketKeys): string[] {
  return [keys.count, keys.outbox, keys.open, keys.scheduled, keys.ended, keys.due];
}

/** The first arguments of every script that decides. An empty time stands for that of Redis. */
export function bucketScriptArgs({ clock, outboxEvents }: ScriptBounds): (string | number)[] {
  return [clock === null ? '' : clock.nowMs(), outboxEvents];
}

/** FNV-1a over the UTF-16 units: the same on every node, for good. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
