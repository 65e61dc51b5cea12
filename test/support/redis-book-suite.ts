/** All tests of a Redis book, its outbox and its index, for a Redis of any kind. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../src/core/clock.ts';
import type { RedisStrategy } from '../../src/driver/redis/item-book.ts';
import { createRedisItemIndex } from '../../src/driver/redis/item-index.ts';
import type { RedisConnection } from '../../src/driver/redis/line/connection.ts';
import { REDIS_LIMIT } from '../../src/driver/redis/line/limit.ts';
import { itemBookContract } from '../../src/live/port/item-book.contract.ts';
import { itemIndexContract } from '../../src/live/port/item-index.contract.ts';
import { type OpenedOutbox, outboxContract } from '../../src/live/port/outbox.contract.ts';
import { runTable } from '../golden/live-table.ts';
import { openRedisBook, type RedisBookOptions } from './opened-redis-book.ts';
import { ownConnection } from './shared-redis-connection.ts';

// A pause of the test machine must not get a bid refused.
const PATIENT = { ...REDIS_LIMIT.book, longestMs: 15_000 };
const TABLES = join(import.meta.dir, '../golden/live');

export function redisBookSuite(
  name: string,
  connection: RedisConnection,
  strategy: RedisStrategy,
): void {
  itemBookContract(`the book on ${name}`, async ({ clock }) =>
    openRedisBook({ connection, strategy, clock, limit: PATIENT }),
  );

  itemIndexContract(`the index on ${name}`, async (clock) => {
    const { book, buckets } = openRedisBook({ connection, strategy, clock });
    const own = await ownConnection(connection.isCluster ? 'cluster' : 'single');
    const index = createRedisItemIndex({ connection: own, buckets, clock });
    return { book, index, loseStore: async () => own[Symbol.asyncDispose]() };
  });

  outboxContract(`the outbox on ${name}`, async (clock) =>
    openOutbox({ connection, strategy, clock }),
  );

  describe(`on ${name}, the table`, () => {
    for (const file of readdirSync(TABLES)) {
      test(file, async () => {
        const text = readFileSync(join(TABLES, file), 'utf8');
        const open = (clock: Clock) => openRedisBook({ connection, strategy, clock }).book;
        expect(await runTable(text, open)).toBe('');
      });
    }
  });
}

/** Of one bucket: the contract looks at one outbox. */
function openOutbox(options: RedisBookOptions): OpenedOutbox {
  const opened = openRedisBook({ ...options, buckets: 1 });
  const [outbox] = opened.outboxes;
  if (outbox === undefined) throw new Error('a book without an outbox');
  return {
    book: opened.book,
    outbox,
    reopen: async () => {
      await opened.book[Symbol.asyncDispose]();
      return openOutbox({ ...options, prefix: opened.prefix });
    },
  };
}
