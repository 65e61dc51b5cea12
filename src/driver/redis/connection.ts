/**
 * The connection to Redis: a single server, a master that Sentinels name, or a Cluster.
 *
 * Every call settles within `timeoutMs`. A call that fails by connection or by time opens a breaker:
 * the calls behind it are refused at once with `RedisDownError`, nothing waits in a queue, and a probe
 * finds out when Redis is back. A Cluster has one breaker a master, so that one lost master does not
 * stop the others. Opening never throws because Redis is away. Nothing is sent twice: after
 * `RedisDownError` what was asked may or may not have been done.
 */
import { Cluster, Command, Redis, type RedisOptions } from 'ioredis';
import type { Timers } from '../../core/timer.ts';
import { bounded, LateError } from './bounded.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import type { Script } from './script.ts';

export type RedisAddress = { readonly host: string; readonly port: number };

export type RedisPlace = {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** Of the server, of the Sentinels, or of some nodes of the Cluster. */
  readonly addresses: readonly RedisAddress[];
  /** What the Sentinels call the master; looked at in mode `sentinel` only. */
  readonly masterName: string | null;
  readonly password: string | null;
  /** A Cluster has none but 0. */
  readonly db: number;
};

export type RedisConnectionOptions = { readonly timeoutMs?: number };

export type RedisConnection = AsyncDisposable & {
  readonly client: Redis | Cluster;
  readonly isCluster: boolean;
  /** Whether nothing is known to be wrong with it at this moment. */
  isUp(): boolean;
  /** Waits until it is up, but no longer than `waitMs`; answers whether it is. */
  whenUp(waitMs: number): Promise<boolean>;
  /**
   * One call, bounded in time and guarded by the breaker of the node that holds `key`.
   * @throws RedisDownError, or what Redis answered as an error
   */
  call<Reply>(key: string, send: (client: Redis | Cluster) => Promise<Reply>): Promise<Reply>;
  /** Runs a script by its hash; its text is sent only where Redis does not know it. */
  run(script: Script, keys: readonly string[], args: readonly RedisWord[]): Promise<unknown>;
  /** Another client, for the one who asks alone, to the node that holds `key`. */
  ownClient(key: string): Redis;
};

export type RedisWord = string | number;

export class RedisDownError extends Error {
  override readonly name = 'RedisDownError';
}

const DEFAULT_TIMEOUT_MS = 90;
const PROBE_EVERY_MS = 250;
const RECONNECT_MS = 150;
/** A connection that has been silent for so many probes is broken off: it may lead nowhere. */
const SILENT_PROBES = 4;
const UP_POLL_MS = 10;
const SLOTS_REFRESH_MS = 1_000;

const timers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export function openRedis(
  place: RedisPlace,
  options: RedisConnectionOptions = {},
): RedisConnection {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const client = openClient(place);
  const isCluster = client instanceof Cluster;
  const breakers = createBreakers(client);

  async function call<Reply>(
    key: string,
    send: (sendingClient: Redis | Cluster) => Promise<Reply>,
  ): Promise<Reply> {
    const breaker = breakers.of(key);
    if (!breaker.isClosed()) throw new RedisDownError('Redis is away');
    try {
      return await bounded(send(client), timeoutMs);
    } catch (cause) {
      if (isAnswer(cause)) throw cause;
      breaker.trip();
      throw new RedisDownError('Redis did not answer', { cause });
    }
  }

  async function run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisWord[],
  ): Promise<unknown> {
    const [first = ''] = keys;
    try {
      return await call(first, (to) => to.evalsha(script.sha, keys.length, ...keys, ...args));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return call(first, (to) => to.eval(script.text, keys.length, ...keys, ...args));
    }
  }

  const isUp = () => client.status === 'ready' && breakers.areClosed();

  return {
    client,
    isCluster,
    isUp,
    whenUp: async (waitMs) => {
      const endsAtMs = performance.now() + waitMs;
      while (!isUp() && performance.now() < endsAtMs) {
        await new Promise((resolve) => setTimeout(resolve, UP_POLL_MS));
      }
      return isUp();
    },
    call,
    run,
    ownClient: (key) => openOwnClient(place, client, key),
    [Symbol.asyncDispose]: async () => {
      breakers.stop();
      client.disconnect();
    },
  };
}

/** What Redis itself has answered, be it an error: the connection is alive. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

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
  connectTimeout: 1_000,
  protocol: 2,
  // A master that became a replica: what it is called leads elsewhere by now.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

function openClient(place: RedisPlace): Redis | Cluster {
  const { mode, addresses, db } = place;
  const password = place.password === null ? {} : { password: place.password };
  const client =
    mode === 'cluster'
      ? openCluster(addresses, password)
      : new Redis({ ...CLIENT_OPTIONS, ...password, ...serverOptions(place), db });
  // Told by the calls that fail; without a listener it would end the process.
  client.on('error', () => {});
  return client;
}

function serverOptions({ mode, addresses, masterName }: RedisPlace) {
  if (mode === 'sentinel') {
    return {
      sentinels: addresses.map(({ host, port }) => ({ host, port })),
      name: masterName ?? '',
      sentinelRetryStrategy: () => RECONNECT_MS,
    };
  }
  const [address] = addresses;
  if (address === undefined) throw new TypeError('no address of a Redis');
  return { host: address.host, port: address.port };
}

function openCluster(addresses: readonly RedisAddress[], password: { password?: string }): Cluster {
  const { retryStrategy, enableOfflineQueue, ...redisOptions } = CLIENT_OPTIONS;
  return new Cluster(
    addresses.map(({ host, port }) => ({ host, port })),
    {
      redisOptions: { ...redisOptions, ...password },
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      clusterNodeRetryStrategy: retryStrategy,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      slotsRefreshTimeout: RECONNECT_MS,
    },
  );
}

function openOwnClient(place: RedisPlace, client: Redis | Cluster, key: string): Redis {
  const own =
    client instanceof Cluster
      ? new Redis({ ...CLIENT_OPTIONS, ...passwordOf(place), ...nodeOptions(client, key) })
      : client.duplicate();
  own.on('error', () => {});
  return own;
}

function passwordOf({ password }: RedisPlace): { password?: string } {
  return password === null ? {} : { password };
}

function nodeOptions(cluster: Cluster, key: string): RedisAddress {
  const node = nodeOf(cluster, key);
  const colon = node.lastIndexOf(':');
  if (colon < 0) throw new RedisDownError('the Cluster has not told yet who holds the key');
  return { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) };
}

/** `host:port` of the master that holds a key, empty while that is not known. */
function nodeOf(cluster: Cluster, key: string): string {
  return cluster.slots[new Command('exists', [key]).getSlot()]?.[0] ?? '';
}

/** One breaker for a single server, one for each master of a Cluster. */
function createBreakers(client: Redis | Cluster) {
  const breakers = new Map<string, Breaker>();

  function add(node: string, key: string): Breaker {
    const breaker = createBreaker({ timers, everyMs: PROBE_EVERY_MS, probe: prober(client, key) });
    breakers.set(node, breaker);
    return breaker;
  }

  return {
    of: (key: string): Breaker => {
      const node = client instanceof Cluster ? nodeOf(client, key) : '';
      return breakers.get(node) ?? add(node, key);
    },
    areClosed: (): boolean => breakers.values().every((breaker) => breaker.isClosed()),
    stop: (): void => {
      for (const breaker of breakers.values()) breaker.stop();
    },
  };
}

/** Asks for the key that had no answer: of a Cluster that is whoever holds it by now. */
function prober(client: Redis | Cluster, key: string): () => Promise<boolean> {
  let silent = 0;
  return async () => {
    try {
      await bounded(client.exists(key), PROBE_EVERY_MS);
      silent = 0;
      return true;
    } catch (error) {
      silent = error instanceof LateError ? silent + 1 : 0;
      if (silent >= SILENT_PROBES) {
        silent = 0;
        breakOff(client, key);
      }
      return false;
    }
  };
}

function breakOff(client: Redis | Cluster, key: string): void {
  if (client instanceof Redis) {
    client.disconnect(true);
    return;
  }
  const node = nodeOf(client, key);
  const silent = client
    .nodes('all')
    .find(({ options }) => `${options.host}:${options.port}` === node);
  silent?.disconnect(true);
}
