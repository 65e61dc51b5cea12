/**
 * The drivers of the live auctions, picked by what is configured, each opened when it is first asked
 * for: a node opens what its role needs.
 */
import { createIdMaker } from '../../../core/id.ts';
import { once } from '../../../core/once.ts';
import { openNatsBus } from '../../../driver/nats/bus.ts';
import { BID_CHANNEL } from '../../../driver/nats/stream/channel.ts';
import { BucketCountError, createBuckets } from '../../../driver/redis/book/bucket.ts';
import { createRedisItemBook } from '../../../driver/redis/item-book.ts';
import { createRedisItemIndex } from '../../../driver/redis/item-index.ts';
import { createRedisOutbox } from '../../../driver/redis/outbox.ts';
import { openSqliteBus } from '../../../driver/sqlite/bus.ts';
import { openSqliteArchive } from '../../../driver/sqlite/item-archive.ts';
import { openLiveFile } from '../../../driver/sqlite/item-book.ts';
import { readThroughBranches } from '../../../driver/sqlite/lineage/branched-archive.ts';
import type { FollowerLineage } from '../../../driver/sqlite/lineage/follower-lineage.ts';
import type { Bus } from '../../../flow/bus.ts';
import type { Archive } from '../../../live/port/item-archive.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import type { ItemIndex } from '../../../live/port/item-index.ts';
import type { Outbox } from '../../../live/port/outbox.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { Connections } from '../connections.ts';
import { createHealthCheck } from '../health-check.ts';
import type { NodeParts } from '../parts.ts';
import { systemRandom } from '../random.ts';
import { hasRedis } from '../role.ts';
import { agreeAsKin } from './kinship.ts';
import { livePaths } from './paths.ts';

export type LiveStore = {
  book(): ItemBook;
  index(): ItemIndex;
  /** One a bucket of the book. */
  outboxes(): readonly Outbox[];
  bus(): Bus<ItemEvent>;
  archive(): Archive;
  /**
   * Asked before anything is decided.
   * @throws BucketCountError when what is shared was begun with other settings; not when it is away.
   * @throws LineageError when the files of the folder do not belong together.
   */
  check(): Promise<void>;
};

export function createLiveStore(parts: NodeParts, connections: Connections): LiveStore {
  const followers: FollowerLineage[] = [];
  const isKin = (lineage: FollowerLineage) => void followers.push(lineage);
  const around: Around = {
    bus: once(() => openBus(parts, connections, isKin)),
    archive: once(() => checkArchive(openArchive(parts, connections, isKin), parts)),
  };
  if (hasRedis(parts.config)) return { ...around, ...redisBook(parts, connections) };
  return sqliteStore(parts, around, followers);
}

type Around = Pick<LiveStore, 'bus' | 'archive'>;

/** @param followers the lineages of those files around the book that are open. */
function sqliteStore(
  parts: NodeParts,
  { bus, archive }: Around,
  followers: readonly FollowerLineage[],
): LiveStore {
  const { config, clock, timers, health, owned } = parts;
  const file = once(() => {
    const options = { clock, timers, random: systemRandom() };
    const opened = owned.use(openLiveFile(livePaths(config).live, options));
    health.add({ name: 'book', isUp: opened.isWorking });
    return opened;
  });
  return {
    book: () => file().book,
    index: () => file().index,
    outboxes: () => [file().outbox],
    bus,
    archive: once(() => readThroughBranches(archive(), file().lineage)),
    check: async () => {
      bus();
      archive();
      agreeAsKin({ book: file().lineage, followers }, parts);
    },
  };
}

type BookDrivers = Pick<LiveStore, 'book' | 'index' | 'outboxes' | 'check'>;

function redisBook({ config, clock, owned }: NodeParts, connections: Connections): BookDrivers {
  const { redisStrategy: strategy, redisBuckets, redisOutboxEvents: outboxEvents } = config;
  const nextEpoch = createIdMaker('epoch', clock, systemRandom());
  const count = redisBuckets === null ? {} : { count: redisBuckets };
  const buckets = once(() => createBuckets(connections.redis(), count));
  const shared = () => ({ connection: connections.redis(), buckets: buckets() });
  return {
    book: once(() =>
      owned.use(
        createRedisItemBook({
          ...shared(),
          nextEpoch,
          strategy,
          outboxEvents,
          random: systemRandom(),
        }),
      ),
    ),
    index: once(() => createRedisItemIndex({ ...shared(), clock })),
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

type IsKin = (lineage: FollowerLineage) => void;

function openBus(parts: NodeParts, connections: Connections, isKin: IsKin): Bus<ItemEvent> {
  const { config, health, log, owned } = parts;
  const onError = (err: unknown) => log.error({ err }, 'events were not taken; trying again');
  const bus = owned.use(
    config.natsUrl === ''
      ? sqliteBus(parts, { onError, isKin })
      : openNatsBus(connections.nats(), BID_CHANNEL, { onError }),
  );
  health.add({ name: 'events', isUp: () => bus.isWorking() });
  health.addLetters(() => bus.deadLetters());
  return bus;
}

function sqliteBus(
  { config, timers }: NodeParts,
  { onError, isKin }: { onError: (error: unknown) => void; isKin: IsKin },
): Bus<ItemEvent> {
  const bus = openSqliteBus(livePaths(config).bus, { onError, timers });
  isKin(bus.lineage);
  return bus;
}

function openArchive(parts: NodeParts, connections: Connections, isKin: IsKin): Archive {
  const { config, owned } = parts;
  if (config.postgresUrl !== '') return connections.archives().items;
  const archive = owned.use(openSqliteArchive(livePaths(config).archive));
  isKin(archive.lineage);
  return archive;
}

/** Whether a history can be read at all: its server may be there, and its tables gone. */
function checkArchive(archive: Archive, { clock, timers, health }: NodeParts): Archive {
  const nothing = { itemId: 'none', afterSeq: 0, limit: 1 };
  const ask = async () => {
    for (const epoch of [null, 'none']) await archive.read({ ...nothing, epoch });
    return true;
  };
  health.add({ name: 'archive', isUp: createHealthCheck({ clock, timers, ask }) });
  return archive;
}
