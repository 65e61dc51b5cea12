import { describe, expect, test } from 'bun:test';
import { ConfigError, describeConfig, describeSetting, readConfig } from './config.ts';

function refusal(environment: Record<string, string>): string {
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
      bidsPerSecondPerUser: 50,
      authMode: 'off',
      jwtSecret: '',
      jwtPublicKey: '',
      jwtJwks: '',
      jwtAudience: '',
      jwtIssuer: '',
      adminKey: '',
      socketOrigins: [],
      socketConnectionsPerAddress: 100,
      socketTickMs: 50,
      socketDrainSeconds: 2,
      simulatedLatency: 'drawn',
      seed: null,
      spoolMaxMegabytes: 256,
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

  test.each(['', '8080', 'localhost', ':65536', ':-1', ':8o', '::1:80', 'http://x:80', 'a b:80'])(
    'refuses SERVER_ADDR %p',
    (text) => {
      expect(refusal({ SERVER_ADDR: text })).toContain(`SERVER_ADDR="${text}": host:port or :port`);
    },
  );

  test.each([
    ['RATE_LIMIT_MAX_REQUESTS', ['-1', '1.5', '', '1e3', '1000001', 'three', '0x3']],
    ['RATE_LIMIT_WINDOW_SECONDS', ['0', '86401', '1 minute']],
    ['SEED', ['-1', '4294967296', 'NaN']],
    ['SPOOL_MAX_MB', ['0', 'Infinity']],
    ['SHUTDOWN_SECONDS', ['0', '601']],
    ['LOG_LEVEL', ['INFO', 'verbose', 'constructor']],
    ['LOG_FORMAT', ['xml', '']],
    ['SIMULATED_LATENCY', ['slow']],
    ['DATA_DIR', ['', '  ']],
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
      expect.stringMatching(/^ {2}SEED="-1": a whole number from 0 to 4294967295/),
      '  SHUTDOWN_SECONDS="0": a whole number from 1 to 600',
    ]);
  });
});

describe('describeConfig', () => {
  test('tells for each setting its value and where it is from', () => {
    const lines = describeConfig({ SEED: '7', HOME: '/root' });
    expect(lines.map(({ variable }) => variable)).not.toContain('HOME');
    expect(lines.find(({ variable }) => variable === 'SEED')).toMatchObject({
      value: '7',
      source: 'environment',
    });
    expect(lines.find(({ variable }) => variable === 'LOG_LEVEL')).toMatchObject({
      value: 'info',
      source: 'default',
    });
  });

  test('masks a secret, and shows that none is set', () => {
    const secret = {
      variable: 'TOKEN',
      fallback: '',
      allowed: 'a text',
      purpose: 'opens the door',
      isSecret: true,
      read: (text: string) => text,
    };
    expect(describeSetting(secret, { TOKEN: 'hunter2' }).value).toBe('***');
    expect(describeSetting(secret, {}).value).toBe('');
  });
});
