import { describe, expect, test } from 'bun:test';
import { DOLLAR } from '../../live/rule/currency.ts';
import {
  ConfigError,
  describeConfig,
  type Environment,
  givenText,
  misspeltNote,
  readConfig,
} from './config.ts';

const VARIABLES = describeConfig({}).map(({ variable }) => variable);

function refusal(environment: Environment): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('readConfig', () => {
  test('gives every default in an empty environment', () => {
    expect(readConfig({})).toEqual({
      serverAddress: { hostname: '0.0.0.0', port: 8080 },
      dataDir: './data',
      logLevel: 'info',
      logFormat: 'auto',
      redisAddresses: [],
      redisHost: '',
      redisPort: 6379,
      redisMode: 'single',
      redisMasterName: 'mymaster',
      redisUsername: '',
      redisPassword: '',
      redisSentinelPassword: '',
      redisTls: 'off',
      redisDatabase: 0,
      redisStrategy: 'lua',
      redisBuckets: null,
      redisOutboxEvents: 2_000_000,
      redisTimeoutMs: 90,
      priceCache: 'on',
      natsUrl: '',
      postgresUrl: '',
      postgresReplicaUrl: '',
      rateLimitMaxRequests: 3,
      rateLimitWindowSeconds: 60,
      trustedProxies: [],
      itemsAutoCreate: 'on',
      itemCurrency: DOLLAR,
      bidsPerSecondPerUser: 50,
      authMode: 'off',
      jwtSecret: '',
      jwtPublicKey: '',
      jwtJwks: '',
      jwtAudience: '',
      jwtIssuer: '',
      jwtLeewaySeconds: 30,
      adminKey: '',
      socketOrigins: [],
      socketConnectionsPerAddress: 100,
      socketTickMs: 50,
      socketDrainSeconds: 2,
      simulatedLatency: 'drawn',
      seed: null,
      spoolMaxMegabytes: 256,
      idleSeconds: 75,
      docs: 'on',
      healthDetail: 'on',
      drainSeconds: 0,
      shutdownSeconds: 15,
    });
  });

  test.each([
    [':0', '0.0.0.0', 0],
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['localhost:65535', 'localhost', 65_535],
    ['[::1]:80', '::1', 80],
    [' :9000 ', '0.0.0.0', 9000],
  ])('takes SERVER_ADDR %p', (text, hostname, port) => {
    expect(readConfig({ SERVER_ADDR: text }).serverAddress).toEqual({ hostname, port });
  });

  test('takes REDIS_ADDR as one address or several', () => {
    const [one, two] = [
      { host: 'localhost', port: 6379 },
      { host: '::1', port: 7000 },
    ];
    expect(readConfig({ REDIS_ADDR: 'localhost:6379' }).redisAddresses).toEqual([one]);
    const many = { REDIS_ADDR: 'localhost:6379, [::1]:7000', REDIS_MODE: 'cluster' };
    expect(readConfig(many).redisAddresses).toEqual([one, two]);
  });

  test.each([
    [{ REDIS_ADDR: 'localhost' }, 'REDIS_ADDR="localhost": host:port'],
    [{ REDIS_ADDR: 'a:1,b:99999' }, 'REDIS_ADDR='],
    [{ REDIS_ADDR: 'a:1,b:2' }, 'REDIS_ADDR has several addresses'],
    [{ REDIS_ADDR: 'a:1', REDIS_HOST: 'b' }, 'REDIS_ADDR says already'],
    [{ REDIS_MODE: 'cluster' }, 'needs REDIS_ADDR'],
    [{ REDIS_MODE: 'sentinel' }, 'needs REDIS_ADDR'],
    [{ REDIS_ADDR: 'a:1', REDIS_MODE: 'cluster', REDIS_DB: '3' }, 'a cluster has only 0'],
    [{ NATS_URL: 'nats://a:1,' }, 'several with commas between'],
    [{ POSTGRES_URL: ',' }, 'POSTGRES_URL'],
    [{ POSTGRES_REPLICA_URL: 'postgres://a/b' }, 'without POSTGRES_URL'],
    [{ REDIS_STRATEGY: 'fast' }, 'one of lua, optimistic'],
    [{ NATS_URL: 'localhost:4222' }, 'nats://'],
    [{ POSTGRES_URL: 'mysql://u:secret@h/d' }, 'postgres://'],
  ])('refuses %p', (environment, said) => {
    expect(refusal(environment)).toContain(said);
    expect(refusal(environment)).not.toContain('secret');
  });

  test.each([
    { REDIS_HOST: 'b', REDIS_MODE: 'sentinel', REDIS_DB: '3' },
    { REDIS_ADDR: 'a:1,b:2', REDIS_MODE: 'cluster', REDIS_BUCKETS: '256' },
    { POSTGRES_URL: 'postgres://a/b', POSTGRES_REPLICA_URL: 'postgresql://c/b' },
    { NATS_URL: 'nats://a:1, tls://b:2' },
  ])('takes what goes together: %p', (environment) => {
    expect(refusal(environment)).toBe('');
  });

  test.each(['8080', 'localhost', ':65536', ':-1', ':8o', '::1:80', 'http://x:80', 'a b:80'])(
    'refuses SERVER_ADDR %p',
    (text) => {
      expect(refusal({ SERVER_ADDR: text })).toContain(`SERVER_ADDR="${text}": host:port or :port`);
    },
  );

  test.each([
    ['RATE_LIMIT_MAX_REQUESTS', ['-1', '1.5', '1e3', '1000001', 'three', '0x3']],
    ['RATE_LIMIT_WINDOW_SECONDS', ['0', '86401', '1 minute']],
    ['SEED', ['-1', '4294967296', 'NaN']],
    ['SPOOL_MAX_MB', ['0', 'Infinity']],
    ['SHUTDOWN_SECONDS', ['0', '601']],
    ['LOG_LEVEL', ['INFO', 'verbose', 'constructor']],
    ['LOG_FORMAT', ['xml']],
    ['SIMULATED_LATENCY', ['slow']],
    ['REDIS_BUCKETS', ['0', '257', 'many']],
    ['TRUSTED_PROXIES', ['10.0.0.0/33', 'proxy', '10.0.0.1,nobody', '10.0.0.0/-1', 'fe80::1%lo']],
  ])('refuses %s out of its bounds', (variable, texts) => {
    for (const text of texts) {
      expect(refusal({ [variable]: text })).toContain(`  ${variable}="${text.trim()}": `);
    }
  });

  test('lists every bad value in one message, with what is allowed there', () => {
    const bad = { SERVER_ADDR: 'x', LOG_LEVEL: 'loud', SEED: '-1', SHUTDOWN_SECONDS: '0' };
    expect(refusal({ ...bad, DATA_DIR: 'fine', PATH: '/bin' }).split('\n')).toEqual([
      'These settings cannot be used:',
      expect.stringMatching(/^ {2}SERVER_ADDR="x": host:port/),
      '  LOG_LEVEL="loud": one of trace, debug, info, warn, error, fatal, silent',
      '  SHUTDOWN_SECONDS="0": a whole number from 1 to 600',
      expect.stringMatching(/^ {2}SEED="-1": a whole number from 0 to 4294967295/),
    ]);
  });

  test('lists what contradicts after what is refused, and ends with what is misspelt', () => {
    const bad = { POSTGRES_REPLICA_URL: 'postgres://a/b', POSTGRES_URI: 'postgres://a/c' };
    expect(refusal({ ...bad, SEED: 'x' }).split('\n')).toEqual([
      'These settings cannot be used:',
      expect.stringMatching(/^ {2}SEED="x": /),
      '  POSTGRES_REPLICA_URL: a replica of nothing without POSTGRES_URL',
      'No setting has this name: POSTGRES_URI (is POSTGRES_URL meant?)',
    ]);
  });

  test('does not miss an address that is there and refused', () => {
    expect(refusal({ REDIS_ADDR: 'nowhere', REDIS_MODE: 'cluster' }).split('\n')).toEqual([
      'These settings cannot be used:',
      expect.stringMatching(/^ {2}REDIS_ADDR="nowhere": /),
    ]);
  });

  test('gives every setting a name of its own', () => {
    expect(Object.keys(readConfig({}))).toHaveLength(VARIABLES.length);
    expect(new Set(VARIABLES).size).toBe(VARIABLES.length);
  });
});

describe('an empty variable', () => {
  test.each(VARIABLES)('%s is unset: its default is in force', (variable) => {
    for (const text of ['', ' \t']) {
      expect(readConfig({ [variable]: text })).toEqual(readConfig({}));
      expect(describeConfig({ [variable]: text })).toEqual(describeConfig({}));
      expect(givenText(variable, { [variable]: text })).toBeUndefined();
    }
  });
});

describe('describeConfig', () => {
  const lineOf = (variable: string, environment: Environment) =>
    describeConfig(environment).find((line) => line.variable === variable);

  test('shows for each setting what is in force, where it is from and what is allowed', () => {
    expect(lineOf('WS_TICK_MS', { WS_TICK_MS: ' 70 ' })).toEqual({
      variable: 'WS_TICK_MS',
      value: '70',
      source: 'environment',
      default: '50',
      allowed: 'a whole number from 1 to 1000',
      purpose: 'least time between two frames of one item under load',
      section: 'Live items',
      secret: false,
    });
    expect(lineOf('WS_TICK_MS', {})).toMatchObject({ value: '50', source: 'default' });
    expect(lineOf('HOME', { HOME: '/root' })).toBeUndefined();
  });

  test('keeps the settings of a section together', () => {
    const titles = describeConfig({}).map(({ section }) => section);
    expect(titles.filter((title, at) => title !== titles[at - 1])).toEqual([
      'Node',
      'Exchange',
      'Live items',
      'Identity',
      'Redis',
      'NATS',
      'PostgreSQL',
    ]);
  });

  test('masks every secret, and shows that none is set', () => {
    const secrets = [
      'JWT_SECRET',
      'JWT_PUBLIC_KEY',
      'ADMIN_KEY',
      'REDIS_PASSWORD',
      'REDIS_SENTINEL_PASSWORD',
      'NATS_URL',
      'POSTGRES_URL',
      'POSTGRES_REPLICA_URL',
    ];
    const environment = Object.fromEntries(VARIABLES.map((variable) => [variable, 'hunter2']));
    const masked = describeConfig(environment).filter(({ value }) => value !== 'hunter2');
    expect(masked.map(({ variable }) => variable)).toEqual(secrets);
    for (const line of masked) {
      expect(line).toMatchObject({ value: '***', secret: true });
      expect(lineOf(line.variable, {})).toMatchObject({ value: '', secret: true });
    }
  });
});

describe('misspeltNote', () => {
  test('names every variable that looks like a setting, and never its value', () => {
    const environment = { REDIS_ADR: 'hunter2', HOME: '/root', SERVER_ADRR: ':1', SEED: '1' };
    expect(misspeltNote(environment)).toBe(
      'No setting has this name: REDIS_ADR (is REDIS_ADDR meant?), SERVER_ADRR (is SERVER_ADDR meant?)',
    );
  });

  test('has nothing to say of settings, of others, and of what is empty', () => {
    expect(misspeltNote({})).toBeNull();
    const all = Object.fromEntries(VARIABLES.map((variable) => [variable, '1']));
    expect(misspeltNote({ ...all, PATH: '/bin', REDIS_ADR: '' })).toBeNull();
  });
});
