/**
 * The settings of a node: the only reader of the environment.
 *
 * Every setting is a row of `SETTINGS`: its name, what is allowed, its default. `readConfig` gives
 * typed values or one `ConfigError` that lists every bad value with what is allowed there. Unknown
 * variables are ignored: the environment belongs to others too.
 */
import { LIMIT } from '../../core/limit.ts';
import type { Cidr } from '../../server/http/client-address.ts';
import {
  integer,
  oneOf,
  peers,
  readCidrs,
  readOrigins,
  readPublicKey,
  readServerAddress,
  type ServerAddress,
  type Setting,
  setting,
  text,
  url,
  urls,
} from './kind.ts';

const JWT_SECRET_BYTES = 32;
const ADMIN_KEY_CHARACTERS = 16;

const SETTINGS = {
  serverAddress: setting<ServerAddress>({
    variable: 'SERVER_ADDR',
    fallback: ':8080',
    allowed: 'host:port or :port, with a port from 0 to 65535 (0 takes a free one)',
    purpose: 'where the HTTP server listens',
    read: readServerAddress,
  }),
  dataDir: setting<string>({
    variable: 'DATA_DIR',
    fallback: './data',
    allowed: 'a folder that can be written',
    purpose: 'where the embedded store lives',
    read: (text) => (text === '' ? undefined : text),
  }),
  logLevel: setting({
    variable: 'LOG_LEVEL',
    fallback: 'info',
    purpose: 'what is logged at least',
    ...oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  }),
  logFormat: setting({
    variable: 'LOG_FORMAT',
    fallback: 'auto',
    purpose: 'auto is pretty on a terminal and JSON elsewhere',
    ...oneOf(['auto', 'json', 'pretty']),
  }),
  redisAddresses: setting({
    variable: 'REDIS_ADDR',
    purpose: 'the Redis that decides bids and counts auctions; without it SQLite does',
    ...peers(),
  }),
  redisHost: setting({
    variable: 'REDIS_HOST',
    purpose: 'the same, as a host and a port of its own',
    ...text('a host name or address'),
  }),
  redisPort: setting({
    variable: 'REDIS_PORT',
    fallback: '6379',
    purpose: 'the port of REDIS_HOST',
    ...integer(1, 65_535),
  }),
  redisMode: setting({
    variable: 'REDIS_MODE',
    fallback: 'single',
    purpose: 'what listens at REDIS_ADDR: one server, sentinels, or nodes of a cluster',
    ...oneOf(['single', 'sentinel', 'cluster']),
  }),
  redisMasterName: setting({
    variable: 'REDIS_MASTER_NAME',
    purpose: 'the name of the master that the sentinels watch',
    ...text('any text'),
    fallback: 'mymaster',
  }),
  redisUsername: setting({
    variable: 'REDIS_USERNAME',
    purpose: 'of Redis; without one its user default is meant',
    ...text('any text'),
  }),
  redisPassword: setting({
    variable: 'REDIS_PASSWORD',
    purpose: 'of Redis',
    isSecret: true,
    ...text('any text'),
  }),
  redisSentinelPassword: setting({
    variable: 'REDIS_SENTINEL_PASSWORD',
    purpose: 'of the sentinels, which have one of their own or none',
    isSecret: true,
    ...text('any text'),
  }),
  redisTls: setting({
    variable: 'REDIS_TLS',
    fallback: 'off',
    purpose: 'whether connections to Redis and its sentinels are encrypted',
    ...oneOf(['on', 'off']),
  }),
  redisDatabase: setting({
    variable: 'REDIS_DB',
    fallback: '0',
    purpose: 'the number of the Redis database; a cluster has only 0',
    ...integer(0, 65_535),
  }),
  redisStrategy: setting({
    variable: 'REDIS_STRATEGY',
    fallback: 'lua',
    purpose: 'lua decides in Redis, optimistic in the node under WATCH',
    ...oneOf(['lua', 'optimistic']),
  }),
  redisBuckets: setting<number | null>({
    variable: 'REDIS_BUCKETS',
    fallback: '',
    allowed: 'a whole number from 1 to 256, or empty: 1 for one server, 16 for a cluster',
    purpose: 'parts that the items are spread over; it cannot be changed later',
    read: (given) => (given === '' ? null : integer(1, 256).read(given)),
  }),
  redisOutboxEvents: setting({
    variable: 'REDIS_OUTBOX_EVENTS',
    fallback: `${LIMIT.redisOutboxEvents}`,
    purpose: 'events of a bucket that may wait for the relay before bids are not decided',
    ...integer(1_000, 100_000_000),
  }),
  redisTimeoutMs: setting({
    variable: 'REDIS_TIMEOUT_MS',
    fallback: '90',
    purpose: 'how long Redis may take before a bid is told as not decided',
    ...integer(5, 60_000),
  }),
  priceCache: setting({
    variable: 'PRICE_CACHE',
    fallback: 'on',
    purpose: 'whether a node refuses by itself, beside Redis, what is sure to lose',
    ...oneOf(['on', 'off']),
  }),
  natsUrl: setting({
    variable: 'NATS_URL',
    purpose: 'the NATS that carries events; without it this process does',
    isSecret: true,
    ...urls(['nats:', 'tls:']),
  }),
  postgresUrl: setting({
    variable: 'POSTGRES_URL',
    purpose: 'the PostgreSQL of catalogue and archive; without it SQLite is',
    isSecret: true,
    ...url(['postgres:', 'postgresql:']),
  }),
  postgresReplicaUrl: setting({
    variable: 'POSTGRES_REPLICA_URL',
    purpose: 'a replica that history and statistics are read from',
    isSecret: true,
    ...url(['postgres:', 'postgresql:']),
  }),
  rateLimitMaxRequests: setting({
    variable: 'RATE_LIMIT_MAX_REQUESTS',
    fallback: '3',
    purpose: 'auctions of one address in a window; 0 turns the limit off',
    ...integer(0, 1_000_000),
  }),
  rateLimitWindowSeconds: setting({
    variable: 'RATE_LIMIT_WINDOW_SECONDS',
    fallback: '60',
    purpose: 'length of the sliding window',
    ...integer(1, 86_400),
  }),
  trustedProxies: setting<readonly Cidr[]>({
    variable: 'TRUSTED_PROXIES',
    fallback: '',
    allowed: 'addresses or CIDR ranges with commas between, such as 10.0.0.0/8,::1',
    purpose: 'peers whose X-Forwarded-For is believed',
    read: readCidrs,
  }),
  itemsAutoCreate: setting({
    variable: 'ITEMS_AUTO_CREATE',
    fallback: 'on',
    purpose: 'whether an unknown item is opened when it is first asked for',
    ...oneOf(['on', 'off']),
  }),
  bidsPerSecondPerUser: setting({
    variable: 'BIDS_PER_SECOND_PER_USER',
    fallback: '50',
    purpose: 'bids on items of one user in a second; 0 turns the limit off',
    ...integer(0, 1_000_000),
  }),
  authMode: setting({
    variable: 'AUTH_MODE',
    fallback: 'off',
    purpose: 'off believes the user_id of a bid, jwt takes it from a token',
    ...oneOf(['off', 'jwt']),
  }),
  jwtSecret: setting({
    variable: 'JWT_SECRET',
    purpose: 'verifies tokens of HS256',
    isSecret: true,
    ...text(
      `at least ${JWT_SECRET_BYTES} bytes`,
      (secret) => Buffer.byteLength(secret) >= JWT_SECRET_BYTES,
    ),
  }),
  jwtPublicKey: setting({
    variable: 'JWT_PUBLIC_KEY',
    purpose: 'verifies tokens of RS256, ES256 or EdDSA',
    // Not one, but a private key may be put here by mistake, and a fault quotes what it refuses.
    isSecret: true,
    ...text('a public key in PEM (RSA, P-256 or Ed25519)'),
    read: readPublicKey,
  }),
  jwtJwks: setting({
    variable: 'JWT_JWKS',
    purpose: 'verifies tokens of RS256, ES256 or EdDSA by key id',
    ...text('the path of a JSON Web Key Set'),
  }),
  jwtAudience: setting({
    variable: 'JWT_AUDIENCE',
    purpose: 'the aud that a token must have',
    ...text('any text'),
  }),
  jwtIssuer: setting({
    variable: 'JWT_ISSUER',
    purpose: 'the iss that a token must have',
    ...text('any text'),
  }),
  adminKey: setting({
    variable: 'ADMIN_KEY',
    purpose: 'opens the admin routes; without it they are shut',
    isSecret: true,
    ...text(
      `at least ${ADMIN_KEY_CHARACTERS} characters without spaces`,
      (key) => key.length >= ADMIN_KEY_CHARACTERS && /^[!-~]+$/.test(key),
    ),
  }),
  socketOrigins: setting<readonly string[]>({
    variable: 'WS_ORIGINS',
    fallback: '',
    allowed: 'origins with commas between, such as https://auction.example; empty is the own host',
    purpose: 'whose pages may watch items',
    read: readOrigins,
  }),
  socketConnectionsPerAddress: setting({
    variable: 'WS_CONNECTIONS_PER_ADDRESS',
    fallback: '100',
    purpose: 'most sockets of one address at a time; 0 turns the limit off',
    ...integer(0, 1_000_000),
  }),
  socketTickMs: setting({
    variable: 'WS_TICK_MS',
    fallback: '50',
    purpose: 'least time between two frames of one item under load',
    ...integer(1, 1_000),
  }),
  socketDrainSeconds: setting({
    variable: 'WS_DRAIN_SECONDS',
    fallback: '2',
    purpose: 'over how long a stop spreads the closing of sockets',
    ...integer(0, 600),
  }),
  simulatedLatency: setting({
    variable: 'SIMULATED_LATENCY',
    fallback: 'drawn',
    purpose: 'drawn tells a bidder latency, real sleeps it',
    ...oneOf(['drawn', 'real']),
  }),
  seed: setting<number | null>({
    variable: 'SEED',
    fallback: '',
    allowed: 'a whole number from 0 to 4294967295, or empty for a new one at each start',
    purpose: 'makes simulated bidders and ties repeatable',
    read: (text) => (text === '' ? null : integer(0, 4_294_967_295).read(text)),
  }),
  spoolMaxMegabytes: setting({
    variable: 'SPOOL_MAX_MB',
    fallback: '256',
    purpose: 'how much of past auctions is kept',
    ...integer(1, 1_000_000),
  }),
  drainSeconds: setting({
    variable: 'DRAIN_SECONDS',
    fallback: '0',
    purpose: 'how long a stop says 503 on /health/ready before it stops accepting',
    ...integer(0, 600),
  }),
  shutdownSeconds: setting({
    variable: 'SHUTDOWN_SECONDS',
    fallback: '15',
    purpose: 'how long a stop waits for requests in flight',
    ...integer(1, 600),
  }),
};

type Settings = typeof SETTINGS;
export type Config = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer Value> ? Value : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** One message that lists every bad value of an environment. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const values = Object.entries(SETTINGS).map(([name, one]) => {
    const text = textOf(one, environment);
    const value = one.read(text);
    if (value === undefined) faults.push(`  ${one.variable}="${shown(one, text)}": ${one.allowed}`);
    return [name, value];
  });
  const config = Object.fromEntries(values) as Partial<Config>;
  faults.push(...[...tokenFaults(config), ...serverFaults(config)].map((fault) => `  ${fault}`));
  if (faults.length > 0)
    throw new ConfigError(`These settings cannot be used:\n${faults.join('\n')}`);
  return config as Config;
}

/** What AUTH_MODE=jwt needs of its neighbours; a value that is refused already counts as there. */
function tokenFaults(config: Partial<Config>): string[] {
  if (config.authMode !== 'jwt') return [];
  const { jwtSecret, jwtPublicKey, jwtJwks, jwtAudience, jwtIssuer } = config;
  const keys = [jwtSecret, jwtPublicKey, jwtJwks].filter((key) => key !== '').length;
  return [
    ...(keys === 1
      ? []
      : ['AUTH_MODE="jwt": needs exactly one of JWT_SECRET, JWT_PUBLIC_KEY, JWT_JWKS']),
    ...(jwtAudience === '' ? ['AUTH_MODE="jwt": needs JWT_AUDIENCE'] : []),
    ...(jwtIssuer === '' ? ['AUTH_MODE="jwt": needs JWT_ISSUER'] : []),
  ];
}

/** Settings that would have no effect, or contradict each other. */
function serverFaults(config: Partial<Config>): string[] {
  const { redisAddresses = [], redisHost, redisMode, redisDatabase } = config;
  const { postgresUrl, postgresReplicaUrl } = config;
  const isNowhere = redisHost === '' && redisAddresses.length === 0;
  const faults: readonly (readonly [isFault: boolean, told: string])[] = [
    [
      redisHost !== '' && redisAddresses.length > 0,
      'REDIS_HOST: REDIS_ADDR says already where Redis is',
    ],
    [
      redisMode === 'single' && redisAddresses.length > 1,
      'REDIS_MODE="single": REDIS_ADDR has several addresses',
    ],
    [
      isNowhere && (redisMode ?? 'single') !== 'single',
      `REDIS_MODE="${redisMode}": needs REDIS_ADDR`,
    ],
    [
      redisMode === 'cluster' && (redisDatabase ?? 0) !== 0,
      `REDIS_DB="${redisDatabase}": a cluster has only 0`,
    ],
    [
      postgresUrl === '' && postgresReplicaUrl !== '',
      'POSTGRES_REPLICA_URL: a replica of nothing without POSTGRES_URL',
    ],
  ];
  return faults.filter(([isFault]) => isFault).map(([, told]) => told);
}

export type SettingLine = {
  readonly variable: string;
  readonly value: string;
  readonly source: 'environment' | 'default';
  readonly purpose: string;
};

/** What is in force, as text, with secrets masked. */
export function describeConfig(environment: Environment = process.env): SettingLine[] {
  return Object.values(SETTINGS).map((one) => describeSetting(one, environment));
}

export function describeSetting(one: Setting<unknown>, environment: Environment): SettingLine {
  return {
    variable: one.variable,
    value: shown(one, textOf(one, environment)),
    source: environment[one.variable] === undefined ? 'default' : 'environment',
    purpose: one.purpose,
  };
}

function textOf(one: Setting<unknown>, environment: Environment): string {
  return (environment[one.variable] ?? one.fallback).trim();
}

function shown(one: Setting<unknown>, text: string): string {
  return one.isSecret === true && text !== '' ? '***' : text;
}
