/**
 * All of Gavel as many processes of this machine: Redis decides, NATS carries, PostgreSQL archives,
 * nginx spreads requests over two api and two broadcast nodes, and an archiver, a relay and a
 * closer work behind them.
 *
 * Servers start before those that depend on them, and all stop in reverse order. A given folder
 * keeps all data, so that the next start continues from it; only one cluster at a time may use it.
 */
import { Database } from 'bun:sqlite';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LOOPBACK } from './free-port.ts';
import { openNatsServer } from './nats.ts';
import { openNginx } from './nginx.ts';
import { type NodeRole, openNode } from './node.ts';
import { openPgBouncer } from './pgbouncer.ts';
import { openPostgres, openPostgresReplica } from './postgres.ts';
import { SERVER_ENVIRONMENT } from './process.ts';
import { openRedisServer } from './redis.ts';
import { openRedisCluster } from './redis-cluster.ts';
import type { LocalServer, ServerOptions } from './server.ts';
import { openServerFolder } from './server-folder.ts';

const DATABASE = 'gavel';

type Settings = Readonly<Record<string, string>>;

export type ClusterOptions = Pick<ServerOptions, 'folder' | 'onEnd'> & {
  /** One server, or a Redis Cluster of six. */
  readonly redis?: 'single' | 'cluster';
  /** Extra environment of every node, beyond that of the cluster itself. */
  readonly settings?: Settings;
  /** The ports of the entry; free ones by default. */
  readonly port?: number;
  readonly broadcastPort?: number;
  /** The address the entry listens on; loopback by default. */
  readonly listenOn?: string;
  /** Whether PostgreSQL syncs its files; on by default. */
  readonly fsync?: boolean;
};

export type Cluster = AsyncDisposable & {
  /** The URL of the entry: everything over HTTP, and `/ws`. */
  readonly url: string;
  /** The URL of the broadcast nodes alone. */
  readonly broadcastUrl: string;
  /**
   * The addresses of the servers, as passed to the nodes: REDIS_ADDR, NATS_URL, POSTGRES_URL ...
   */
  readonly settings: Settings;
  /** Every process, in the order of their start. */
  readonly servers: readonly LocalServer[];
  /**
   * By its name, such as `api-1`, `redis` or `postgres-replica`. @throws Error when there is none
   */
  server(name: string): LocalServer;
};

export async function openCluster(options: ClusterOptions = {}): Promise<Cluster> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openServerFolder('cluster', options.folder)).path;
  opening.adopt(lock(folder), (held) => held.close());
  const servers: LocalServer[] = [];
  const parts: Parts = {
    options,
    placeOf: (name) => ({
      folder: join(folder, name),
      ...(options.onEnd === undefined ? {} : { onEnd: options.onEnd }),
    }),
    async add(started) {
      const server = opening.use(await started);
      servers.push(server);
      return server;
    },
    async addAll(started) {
      const group = opening.use(await started);
      servers.push(...group.nodes);
      return group;
    },
  };
  const settings = { ...options.settings, ...(await openBackends(parts)) };
  const nginx = await openFront(parts, settings);
  const whole = opening.move();
  return {
    url: nginx.url,
    broadcastUrl: nginx.broadcastUrl,
    settings,
    servers,
    server(name) {
      const found = servers.find((server) => server.name === name);
      if (found === undefined) throw new Error(`the cluster has no server named ${name}`);
      return found;
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

type Group = AsyncDisposable & { readonly nodes: readonly LocalServer[] };

type Parts = {
  readonly options: ClusterOptions;
  placeOf(name: string): { readonly folder: string };
  /** Adds a server to the cluster as soon as it is ready. */
  add<Server extends LocalServer>(started: Promise<Server>): Promise<Server>;
  addAll<Servers extends Group>(started: Promise<Servers>): Promise<Servers>;
};

/** Starts the servers that the nodes share. @returns the environment with their addresses */
async function openBackends(parts: Parts): Promise<Settings> {
  const { add, placeOf, options } = parts;
  const { fsync = true } = options;
  const [redis, nats, postgres] = await Promise.all([
    openRedis(parts),
    add(openNatsServer(placeOf('nats'))),
    add(openPostgres({ ...placeOf('postgres'), fsync })),
  ]);
  await postgres.createDatabase(DATABASE);
  const [replica, bouncer] = await Promise.all([
    add(openPostgresReplica(postgres, { ...placeOf('postgres-replica'), fsync })),
    add(openPgBouncer(postgres, placeOf('pgbouncer'))),
  ]);
  return {
    ...redis,
    NATS_URL: nats.url,
    POSTGRES_URL: bouncer.urlOf(DATABASE),
    POSTGRES_REPLICA_URL: replica.urlOf(DATABASE),
    TRUSTED_PROXIES: LOOPBACK,
  };
}

async function openRedis({ options, placeOf, add, addAll }: Parts): Promise<Settings> {
  if (options.redis === 'cluster') {
    const { addresses } = await addAll(openRedisCluster(placeOf('redis-cluster')));
    return { REDIS_ADDR: addresses.join(','), REDIS_MODE: 'cluster' };
  }
  const { address } = await add(openRedisServer(placeOf('redis')));
  return { REDIS_ADDR: address, REDIS_MODE: 'single' };
}

async function openFront({ options, placeOf, add }: Parts, settings: Settings) {
  const open = (role: NodeRole, name: string = role) =>
    add(
      openNode({ ...placeOf(name), name, role, settings: { ...SERVER_ENVIRONMENT, ...settings } }),
    );
  // The first node alone makes the tables and the sample catalogue.
  const firstApi = await open('api', 'api-1');
  const [secondApi, firstBroadcast, secondBroadcast] = await Promise.all([
    open('api', 'api-2'),
    open('broadcast', 'broadcast-1'),
    open('broadcast', 'broadcast-2'),
    open('archiver'),
    open('relay'),
    open('closer'),
  ]);
  return add(
    openNginx({
      ...options,
      ...placeOf('nginx'),
      api: [firstApi.address, secondApi.address],
      broadcast: [firstBroadcast.address, secondBroadcast.address],
    }),
  );
}

/** Two clusters on one folder would write into the same files. The lock ends with the process. */
function lock(folder: string): Database {
  mkdirSync(folder, { recursive: true });
  const held = new Database(join(folder, 'lock'), { create: true });
  try {
    held.run('begin exclusive');
    return held;
  } catch {
    held.close();
    throw new Error(`another cluster is running on ${folder}`);
  }
}
