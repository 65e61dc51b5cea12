/** A Redis book under its own prefix, in the form of the contracts: with a view of its outboxes. */
import type { Clock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/core/random.ts';
import { type Buckets, createBuckets } from '../../src/driver/redis/book/bucket.ts';
import { createRedisItemBook, type RedisStrategy } from '../../src/driver/redis/item-book.ts';
import type { QueueLimit } from '../../src/driver/redis/line/call-queue.ts';
import type { RedisConnection } from '../../src/driver/redis/line/connection.ts';
import { REDIS_LIMIT } from '../../src/driver/redis/line/limit.ts';
import { createRedisOutbox, type RedisOutbox } from '../../src/driver/redis/outbox.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { OpenedBook } from './item-book-bench.ts';

export type RedisBookOptions = {
  readonly connection: RedisConnection;
  readonly strategy: RedisStrategy;
  readonly clock: Clock | null;
  readonly prefix?: string;
  readonly buckets?: number;
  readonly limit?: QueueLimit;
};

export type OpenedRedisBook = OpenedBook & {
  readonly buckets: Buckets;
  readonly outboxes: readonly RedisOutbox[];
  readonly prefix: string;
};

let books = 0;
let readers = 0;

export function openRedisBook(options: RedisBookOptions): OpenedRedisBook {
  const { connection, strategy, clock } = options;
  books += 1;
  const prefix = options.prefix ?? `test${process.pid}x${books}`;
  const count = options.buckets;
  const buckets = createBuckets(connection, { prefix, ...(count === undefined ? {} : { count }) });
  const book = createRedisItemBook({
    connection,
    buckets,
    strategy,
    random: createRandom(books),
    nextEpoch: () => `epoch${++readers}`,
    limit: options.limit ?? REDIS_LIMIT.book,
    ...(clock === null ? {} : { clock }),
  });
  const outboxes = Array.from({ length: buckets.count }, (_, bucket) =>
    createRedisOutbox({
      connection,
      keys: buckets.keys(bucket),
      readerId: `reader${process.pid}x${++readers}`,
    }),
  );
  const seen: ItemEvent[] = [];
  async function dispose(): Promise<void> {
    await Promise.all(outboxes.map((outbox) => outbox[Symbol.asyncDispose]()));
    await book[Symbol.asyncDispose]();
  }
  return {
    book: { ...book, [Symbol.asyncDispose]: dispose },
    buckets,
    outboxes,
    prefix,
    outboxAll: async () => {
      for (const outbox of outboxes) {
        const entries = await outbox.read({ limit: 1_000_000, waitMs: 0 });
        seen.push(...entries.map(({ event }) => event));
      }
      return seen;
    },
    reopen: async () => {
      await dispose();
      return openRedisBook({ ...options, prefix });
    },
  };
}
