/**
 * The ioredis clients of an address: a single server, a master behind Sentinels, or a Cluster.
 *
 * None of them queues commands while Redis is away, none sends a command twice, and each gives up a
 * connection that is accepted and then stays silent. They reconnect for ever, by themselves.
 */
import { Cluster, Command, Redis, type RedisOptions } from 'ioredis';
import type { Timers } from '../../../core/timer.ts';
import { RedisDownError } from './redis-error.ts';

export type RedisAddress = { readonly host: string; readonly port: number };

export type RedisPlace = {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** Addresses of the server, of the Sentinels, or of some nodes of the Cluster. */
  readonly addresses: readonly RedisAddress[];
  /** The Sentinels' name of the master; used in mode `sentinel` only. */
  readonly masterName: string | null;
  /** Without one, that of Redis' user `default`. */
  readonly username?: string | null;
  readonly password: string | null;
  /** The password of the Sentinels themselves, if they have one. */
  readonly sentinelPassword?: string | null;
  /** Whether all connections are encrypted, those to Sentinels too. */
  readonly tls?: boolean;
  /** A Cluster has none but 0. */
  readonly db: number;
};

/** Called with every fault. */
type OnFault = (error: unknown) => void;

export type ClientParts = {
  readonly place: RedisPlace;
  readonly timers: Timers;
  readonly onFault: OnFault;
};

const RECONNECT_MS = 150;
const CONNECT_MS = 1_000;
/** From the moment a connection is accepted until it can be used. */
const HANDSHAKE_MS = 1_000;
const SENTINEL_ANSWER_MS = 500;
const SLOTS_REFRESH_MS = 1_000;

/**
 * No queue while Redis is away, and no resending: a script that was under way when the connection
 * broke may have run.
 */
const CLIENT_OPTIONS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => RECONNECT_MS,
  maxLoadingRetryTime: RECONNECT_MS,
  connectTimeout: CONNECT_MS,
  // How long an abandoned connection may take to close cleanly; a silent one never does.
  disconnectTimeout: 50,
  protocol: 2,
  // This master became a replica: its name now leads elsewhere.
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
  // Without a listener an error would crash the process.
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
      // Not lazily: commands are refused while a node is being connected to.
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
  // Neither a lost replica nor a failed refresh of the slot map is an outage.
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

/** Closes each connection that is not ready in time: ioredis itself would wait for ever. */
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
