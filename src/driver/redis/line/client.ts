/**
 * The ioredis clients of a place: a single server, a master that Sentinels name, or a Cluster.
 *
 * None of them queues while Redis is away, none sends anything twice, and each gives up a connection
 * that was accepted and then says nothing. They connect again for good, by themselves.
 */
import { Cluster, Command, Redis, type RedisOptions } from 'ioredis';
import type { Timers } from '../../../core/timer.ts';
import { RedisDownError } from './redis-error.ts';

export type RedisAddress = { readonly host: string; readonly port: number };

export type RedisPlace = {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** Of the server, of the Sentinels, or of some nodes of the Cluster. */
  readonly addresses: readonly RedisAddress[];
  /** What the Sentinels call the master; looked at in mode `sentinel` only. */
  readonly masterName: string | null;
  /** Without one, that of Redis' user `default`. */
  readonly username?: string | null;
  readonly password: string | null;
  /** Of the Sentinels, which have a password of their own or none. */
  readonly sentinelPassword?: string | null;
  /** Whether all connections are encrypted, those to Sentinels too. */
  readonly tls?: boolean;
  /** A Cluster has none but 0. */
  readonly db: number;
};

/** Told what is wrong, as often as it is. */
type OnFault = (error: unknown) => void;

export type ClientParts = {
  readonly place: RedisPlace;
  readonly timers: Timers;
  readonly onFault: OnFault;
};

const RECONNECT_MS = 150;
const CONNECT_MS = 1_000;
/** From the moment it is accepted until it can be used. */
const HANDSHAKE_MS = 1_000;
const SENTINEL_ANSWER_MS = 500;
const SLOTS_REFRESH_MS = 1_000;

/**
 * No queue while it is away, and nothing sent again: a script that was on its way when the connection
 * broke may have run.
 */
const CLIENT_OPTIONS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => RECONNECT_MS,
  maxLoadingRetryTime: RECONNECT_MS,
  connectTimeout: CONNECT_MS,
  // How long a connection that is given up may take to end in good order; a silent one never does.
  disconnectTimeout: 50,
  protocol: 2,
  // A master that became a replica: what it is called leads elsewhere by now.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

/** Never throws because Redis is away. */
export function openClient(parts: ClientParts): Redis | Cluster {
  return parts.place.mode === 'cluster' ? openCluster(parts) : openServer(parts);
}

/** Another client, to the node that holds `key`. */
export function openOwnClient(
  { place, timers }: Pick<ClientParts, 'place' | 'timers'>,
  client: Redis | Cluster,
  key: string,
): Redis {
  const own =
    client instanceof Cluster
      ? new Redis({ ...CLIENT_OPTIONS, ...loginOf(place), ...addressOf(client, key) })
      : client.duplicate();
  giveUpSilent(own, { onFault: () => {}, timers });
  own.on('error', () => {});
  return own;
}

/** `host:port` of the master that holds a key, empty while that is not known. */
export function nodeOf(cluster: Cluster, key: string): string {
  return cluster.slots[new Command('exists', [key]).getSlot()]?.[0] ?? '';
}

export function nameOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}

function openServer({ place, timers, onFault }: ClientParts): Redis {
  const client = new Redis({
    ...CLIENT_OPTIONS,
    ...loginOf(place),
    ...serverOptions(place),
    db: place.db,
  });
  // Without a listener an error would end the process.
  client.on('error', onFault);
  giveUpSilent(client, { onFault, timers });
  return client;
}

function serverOptions(place: RedisPlace) {
  const { mode, addresses, masterName, sentinelPassword, tls } = place;
  if (mode === 'sentinel') {
    return {
      sentinels: addresses.map(({ host, port }) => ({ host, port })),
      name: masterName ?? '',
      sentinelRetryStrategy: () => RECONNECT_MS,
      sentinelCommandTimeout: SENTINEL_ANSWER_MS,
      ...(sentinelPassword ? { sentinelPassword } : {}),
      ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    };
  }
  const [address] = addresses;
  if (address === undefined) throw new TypeError('no address of a Redis');
  return { host: address.host, port: address.port };
}

function openCluster({ place, timers, onFault }: ClientParts): Cluster {
  const { retryStrategy, enableOfflineQueue, ...redisOptions } = CLIENT_OPTIONS;
  const cluster = new Cluster(
    place.addresses.map(({ host, port }) => ({ host, port })),
    {
      // Not lazily: what is asked while a node is connected to is refused.
      redisOptions: { ...redisOptions, ...loginOf(place), lazyConnect: false },
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      clusterNodeRetryStrategy: retryStrategy,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      slotsRefreshTimeout: RECONNECT_MS,
    },
  );
  cluster.on('error', (error: Error & { lastNodeError?: Error }) =>
    onFault(error.lastNodeError ?? error),
  );
  // A lost replica is no outage, nor is a map of the slots that could not be read anew.
  const isLost = (name: string) =>
    cluster.nodes('master').some((node) => nameOf(node) === name && node.status !== 'ready');
  cluster.on('node error', (error: Error, name: string) => isLost(name) && onFault(error));
  cluster.on('+node', (node: Redis) => giveUpSilent(node, { onFault: () => {}, timers }));
  giveUpSilent(cluster, { onFault, timers });
  return cluster;
}

function loginOf({ username, password, tls }: RedisPlace) {
  return {
    ...(username ? { username } : {}),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
}

function addressOf(cluster: Cluster, key: string): RedisAddress {
  const node = nodeOf(cluster, key);
  const colon = node.lastIndexOf(':');
  if (colon < 0) throw new RedisDownError('the Cluster has not told yet who holds the key');
  return { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) };
}

/** Breaks off each connection that is not ready in time: ioredis would wait for as long as it lives. */
function giveUpSilent(
  client: Redis | Cluster,
  { onFault, timers }: Pick<ClientParts, 'onFault' | 'timers'>,
): void {
  let settle = () => {};
  const giveUp = () => {
    onFault(new RedisDownError(`Redis did not welcome a connection in ${HANDSHAKE_MS} ms`));
    client.disconnect(true);
  };
  client.on('connect', () => {
    settle();
    settle = timers.after(HANDSHAKE_MS, giveUp);
  });
  client.on('ready', () => settle());
  client.on('close', () => settle());
}
