/** The connections of a node to servers that it shares with others, each opened when first asked for. */
import { createIdMaker } from '../../core/id.ts';
import { once } from '../../core/once.ts';
import { type NatsConnection, openNats } from '../../driver/nats/line/connection.ts';
import {
  openPostgresArchives,
  type PostgresArchives,
} from '../../driver/postgres/archive/archives.ts';
import type { RedisPlace } from '../../driver/redis/line/client.ts';
import { openRedis, type RedisConnection } from '../../driver/redis/line/connection.ts';
import type { Config } from '../setting/config.ts';
import type { NodeParts } from './parts.ts';
import { systemRandom } from './random.ts';

export type Connections = {
  /** Names this process among all that share a server. */
  readonly nodeId: string;
  redis(): RedisConnection;
  nats(): NatsConnection;
  archives(): PostgresArchives;
};

export function createConnections(parts: NodeParts): Connections {
  const { config, clock, timers, health, log, owned, role } = parts;
  const nodeId = createIdMaker(role, clock, systemRandom())();
  return {
    nodeId,
    redis: once(() => {
      const timeoutMs = config.redisTimeoutMs;
      const onError = (err: unknown) => log.error({ err }, 'Redis is away; trying again');
      const redis = owned.use(openRedis(redisPlace(config), { timeoutMs, onError, clock, timers }));
      health.add({ name: 'redis', isUp: () => redis.isUp() && redis.isWritable() });
      return redis;
    }),
    nats: once(() => {
      const urls = config.natsUrl.split(',').map((url) => url.trim());
      const onError = (err: unknown) => log.error({ err }, 'NATS is away; trying again');
      const nats = owned.use(openNats({ urls, name: nodeId }, { clock, timers, onError }));
      health.add({ name: 'nats', isUp: nats.isUp });
      return nats;
    }),
    archives: once(() => {
      const { postgresUrl: url, postgresReplicaUrl: replicaUrl } = config;
      const archives = owned.use(openPostgresArchives({ url, replicaUrl }, { clock, timers }));
      health.add({ name: 'postgres', isUp: archives.isUp });
      health.add({ name: 'postgres-replica', isUp: archives.isReplicaUp });
      return archives;
    }),
  };
}

function redisPlace(config: Config): RedisPlace {
  const { redisAddresses, redisHost: host, redisPort: port } = config;
  return {
    mode: config.redisMode,
    addresses: host === '' ? redisAddresses : [{ host, port }],
    masterName: config.redisMasterName,
    username: config.redisUsername || null,
    password: config.redisPassword || null,
    sentinelPassword: config.redisSentinelPassword || null,
    tls: config.redisTls === 'on',
    db: config.redisDatabase,
  };
}
