/**
 * The item book in Redis, for any number of nodes: state, events and answer of a bid are one step.
 *
 * Two strategies on the same data: `lua` decides in Redis, `optimistic` decides in the node and writes
 * only when nobody else has written meanwhile. What an acknowledged bid survives is up to the Redis
 * (docs/driver/redis.md). When Redis is away, slow, full or refuses, calls reject with
 * `NotDecidedError`, within the time that the connection allows.
 */
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { ItemBook } from '../../live/port/item-book.ts';
import type { ItemDefinition, ItemState } from '../../live/rule/item.ts';
import { newItem } from '../../live/rule/life.ts';
import { type Buckets, bucketScriptArgs, bucketScriptKeys } from './book/bucket.ts';
import type { ItemDeciderParts } from './book/decider.ts';
import { definitionFields, progressFields, STATE_FIELDS, stateFrom } from './book/item-hash.ts';
import { createLuaDecider } from './book/lua-decider.ts';
import { decided } from './book/not-decided.ts';
import { createOptimisticDecider } from './book/optimistic-decider.ts';
import type { QueueLimit } from './line/call-queue.ts';
import type { RedisConnection } from './line/connection.ts';
import { REDIS_LIMIT } from './line/limit.ts';
import openText from './script/open.lua' with { type: 'text' };
import { createScript } from './script/script.ts';

const OPEN = createScript(openText);

export type RedisStrategy = 'lua' | 'optimistic';

export type RedisItemBookParts = {
  readonly connection: RedisConnection;
  readonly buckets: Buckets;
  /** Names a new item's epoch. */
  readonly nextEpoch: () => string;
  readonly random: Random;
  /** `lua` unless said otherwise. */
  readonly strategy?: RedisStrategy;
  /** Decides what time it is; without one Redis does. */
  readonly clock?: Clock;
  readonly outboxEvents?: number;
  readonly limit?: QueueLimit;
};

/** Disposing it leaves the connection open. */
export function createRedisItemBook(parts: RedisItemBookParts): ItemBook {
  const { connection, buckets, nextEpoch } = parts;
  const deciderParts: ItemDeciderParts = {
    connection,
    buckets,
    clock: parts.clock ?? null,
    random: parts.random,
    outboxEvents: parts.outboxEvents ?? REDIS_LIMIT.outboxEvents,
    limit: parts.limit ?? REDIS_LIMIT.book,
  };
  const decider =
    parts.strategy === 'optimistic'
      ? createOptimisticDecider(deciderParts)
      : createLuaDecider(deciderParts);

  function on<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return decided(async () => {
      await buckets.check();
      return work();
    });
  }

  async function read(itemId: string): Promise<ItemState | null> {
    const key = buckets.keys(buckets.of(itemId)).item(itemId);
    return stateFrom(await connection.call(key, (client) => client.hmget(key, ...STATE_FIELDS)));
  }

  async function open(definition: ItemDefinition): Promise<{ state: ItemState; created: boolean }> {
    const { itemId, opensAtMs, closesAtMs } = definition;
    const keys = buckets.keys(buckets.of(itemId));
    // Its status is decided by the script, at the book's own time.
    const fresh = newItem(definition, nextEpoch(), 0);
    const reply = await connection.run(
      OPEN,
      [...bucketScriptKeys(keys), keys.item(itemId)],
      [
        ...bucketScriptArgs(deciderParts),
        itemId,
        opensAtMs ?? '',
        closesAtMs ?? '',
        ...definitionFields(fresh),
        ...progressFields(fresh),
      ],
    );
    const state = await read(itemId);
    if (state === null) throw new Error(`the item ${itemId} is gone`);
    return { state, created: reply === 1 };
  }

  return {
    open: (definition) => on(() => open(definition)),
    place: (command) => on(() => decider.place(command)),
    close: (itemId, options) => on(() => decider.close(itemId, options)),
    retract: (itemId, options) => on(() => decider.retract(itemId, options)),
    read: (itemId) => on(() => read(itemId)),
    [Symbol.asyncDispose]: () => decider[Symbol.asyncDispose](),
  };
}
