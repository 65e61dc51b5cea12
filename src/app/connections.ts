/** The connections of a node to servers that it shares with others, each opened when first asked for. */
import { systemClock } from '../core/clock.ts';
import { createIdMaker } from '../core/id.ts';
import { type NatsConnection, openNats } from '../driver/nats/connection.ts';
import { openPostgresArchives, type PostgresArchives } from '../driver/postgres/archives.ts';
import { openRedis, type RedisConnection } from '../driver/redis/connection.ts';
import type { Config } from './config.ts';
import type { NodeParts } from './node.ts';
import { systemRandom } from './random.ts';

export type Connections = {
  /** Names this process among all that share a server. */
  readonly nodeId: string;
  redis(): RedisConnection;
  nats(): NatsConnection;
  archives(): PostgresArchives;
};

export function createConnections(parts: Omit<NodeParts, 'connections'>): Connections {
  const { config, health, log, owned, role } = parts;
  const nodeId = createIdMaker(role, systemClock, systemRandom())();
  return {
    nodeId,
    redis: once(() => {
      const timeoutMs = config.redisTimeoutMs;
      const redis = owned.use(openRedis(redisPlace(config), { timeoutMs }));
      health.add({ name: 'redis', isUp: redis.isUp });
      return redis;
    }),
    nats: once(() => {
      const urls = config.natsUrl.split(',').map((url) => url.trim());
      const onError = (err: unknown) => log.error({ err }, 'NATS is away; trying again');
      const nats = owned.use(openNats({ urls, name: nodeId }, { onError }));
      health.add({ name: 'nats', isUp: nats.isUp });
      return nats;
    }),
    archives: once(() => {
      const { postgresUrl: url, postgresReplicaUrl: replicaUrl } = config;
      const archives = owned.use(openPostgresArchives({ url, replicaUrl }));
      health.add({ name: 'postgres', isUp: archives.isUp });
      health.add({ name: 'postgres-replica', isUp: archives.isReplicaUp });
      return archives;
    }),
  };
}

function redisPlace(config: Config) {
  const { redisMode: mode, redisMasterName, redisPassword, redisDatabase } = config;
  const { redisAddresses, redisHost: host, redisPort: port } = config;
  const addresses = host === '' ? redisAddresses : [{ host, port }];
  const password = redisPassword === '' ? null : redisPassword;
  return { mode, addresses, masterName: redisMasterName, password, db: redisDatabase } as const;
}

/** Opens once, however often it is asked for. */
export function once<Value>(open: () => Value): () => Value {
  let opened: { readonly value: Value } | undefined;
  return () => {
    opened ??= { value: open() };
    return opened.value;
  };
}
