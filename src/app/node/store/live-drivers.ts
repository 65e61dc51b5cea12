/**
 * The drivers of the live auctions, picked by what is configured, each opened when it is first asked
 * for: a node opens what its role needs.
 */
import { systemClock } from '../../../core/clock.ts';
import { createIdMaker } from '../../../core/id.ts';
import { once } from '../../../core/once.ts';
import { openNatsBus } from '../../../driver/nats/bus.ts';
import { BID_CHANNEL } from '../../../driver/nats/stream/channel.ts';
import { BucketCountError, createBuckets } from '../../../driver/redis/book/bucket.ts';
import { createRedisItemBook } from '../../../driver/redis/item-book.ts';
import { createRedisItemIndex } from '../../../driver/redis/item-index.ts';
import { createRedisOutbox } from '../../../driver/redis/outbox.ts';
import { openLiveFile } from '../../../driver/sqlite/book/live-file.ts';
import { openSqliteBus } from '../../../driver/sqlite/bus.ts';
import { openSqliteArchive } from '../../../driver/sqlite/item-archive.ts';
import type { Bus } from '../../../flow/bus.ts';
import type { Archive } from '../../../live/port/item-archive.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { ItemIndex } from '../../../live/port/item-index.ts';
import type { Outbox } from '../../../live/port/outbox.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { NodeParts } from '../parts.ts';
import { systemRandom } from '../random.ts';
import { hasRedis } from '../role.ts';
import { livePaths } from './store.ts';

export type LiveDrivers = {
  book(): ItemBook;
  index(): ItemIndex;
  /** One a bucket of the book. */
  outboxes(): readonly Outbox[];
  bus(): Bus<ItemEvent>;
  archive(): Archive;
  /** @throws BucketCountError when what is shared was begun with other settings; not when it is away. */
  check(): Promise<void>;
};

export function createLiveDrivers(parts: NodeParts): LiveDrivers {
  const books = hasRedis(parts.config) ? redisBook(parts) : sqliteBook(parts);
  const archive = parts.config.postgresUrl === '' ? sqliteArchive : postgresArchive;
  return {
    ...books,
    bus: once(() => openBus(parts)),
    archive: once(() => archive(parts)),
  };
}

type BookDrivers = Pick<LiveDrivers, 'book' | 'index' | 'outboxes' | 'check'>;

function sqliteBook({ config, owned }: NodeParts): BookDrivers {
  const file = once(() => {
    const options = { clock: systemClock, random: systemRandom() };
    return owned.use(openLiveFile(livePaths(config).live, options));
  });
  return {
    book: () => file().book,
    index: () => file().index,
    outboxes: () => [file().outbox],
    check: async () => {},
  };
}

function redisBook({ config, connections, owned }: NodeParts): BookDrivers {
  const { redisStrategy: strategy, redisBuckets, redisOutboxEvents: outboxEvents } = config;
  const nextEpoch = createIdMaker('epoch', systemClock, systemRandom());
  const count = redisBuckets === null ? {} : { count: redisBuckets };
  const buckets = once(() => createBuckets(connections.redis(), count));
  const shared = () => ({ connection: connections.redis(), buckets: buckets() });
  return {
    book: once(() =>
      owned.use(
        createRedisItemBook({
          ...{ ...shared(), nextEpoch, strategy, outboxEvents },
          random: systemRandom(),
        }),
      ),
    ),
    index: once(() => createRedisItemIndex({ ...shared(), clock: systemClock })),
    outboxes: once(() => {
      const connection = connections.redis();
      const readerId = connections.nodeId;
      return Array.from({ length: buckets().count }, (_, bucket) => {
        const keys = buckets().keys(bucket);
        return owned.use(createRedisOutbox({ connection, keys, readerId }));
      });
    }),
    check: () =>
      buckets()
        .check()
        .catch((error) => {
          if (error instanceof BucketCountError) throw error;
        }),
  };
}

function openBus({ config, connections, health, log, owned }: NodeParts): Bus<ItemEvent> {
  const onError = (err: unknown) => log.error({ err }, 'events were not taken; trying again');
  const bus = owned.use(
    config.natsUrl === ''
      ? openSqliteBus(livePaths(config).bus, { onError })
      : openNatsBus(connections.nats(), BID_CHANNEL, { onError }),
  );
  health.add({ name: 'events', isUp: () => bus.isWorking() });
  health.addLetters(() => bus.deadLetters());
  return bus;
}

function sqliteArchive({ config, owned }: NodeParts): Archive {
  return owned.use(openSqliteArchive(livePaths(config).archive));
}

function postgresArchive({ connections }: NodeParts): Archive {
  return connections.archives().items;
}
