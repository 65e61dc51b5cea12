import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { describeConfig } from './config.ts';
import { editDistance, findMisspelt } from './misspelt.ts';

const SETTINGS = describeConfig({}).map(({ variable }) => variable);

/** What machines, shells, containers, pipelines and other programs put into an environment. */
const OF_OTHERS = `
  PATH HOME USER SHELL PWD OLDPWD LANG LC_ALL TERM TMPDIR TZ HOSTNAME LOGNAME MAIL EDITOR DISPLAY
  LS_COLORS SSH_AUTH_SOCK XDG_DATA_DIRS XDG_DATA_HOME XDG_RUNTIME_DIR COLORTERM NO_COLOR PS1 SHLVL _
  HOST PORT DEBUG CI NODE_ENV NODE_OPTIONS BUN_INSTALL npm_config_cache npm_lifecycle_event
  HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy SSL_CERT_DIR SSL_CERT_FILE INVOCATION_ID JOURNAL_STREAM
  GAVEL_WORKER CLUSTER CLUSTER_PORT FAULT ROUNDS SOAK ONLY LUA_FOLDER
  PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGDATA POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB
  POSTGRES_HOST POSTGRES_PORT POSTGRES_SSL POSTGRES_TLS DATABASE_URL MYSQL_URL AMQP_URL
  REDIS_URL REDIS_POOL REDIS_DSN REDIS_SSL REDIS_TTL REDIS_USER REDIS_NAME REDIS_TIMEOUT REDIS_PREFIX
  REDIS_SERVICE_HOST REDIS_SERVICE_PORT REDIS_PORT_6379_TCP REDIS_PORT_6379_TCP_ADDR NATS_HOST
  NATS_PORT NATS_SERVICE_HOST KUBERNETES_SERVICE_HOST KUBERNETES_PORT
  LOG_FILE LOG_DIR LOG_PATH RUST_LOG DD_LOG_LEVEL CACHE_DIR BASE_DIR META_DIR WORK_DIR
  SERVER_NAME SERVER_PORT SERVER_HOST REMOTE_ADDR AUTH_TOKEN AUTH_URL JWT_ALGORITHM JWT_PRIVATE_KEY
  JWT_KEYS ADMIN_USER ADMIN_EMAIL WS_PORT WS_URL RATE_LIMIT SEEDS SPEED FEED NEED
  GITHUB_TOKEN GITHUB_ACTIONS AWS_REGION AWS_SECRET_ACCESS_KEY GOPATH JAVA_HOME VIRTUAL_ENV
`
  .trim()
  .split(/\s+/);

describe('findMisspelt', () => {
  test.each([
    ['REDIS_ADR', 'REDIS_ADDR'],
    ['REDIS_ADDRS', 'REDIS_ADDR'],
    ['REIDS_ADDR', 'REDIS_ADDR'],
    ['RATE_LIMIT_MAX_REQUEST', 'RATE_LIMIT_MAX_REQUESTS'],
    ['RATE_LIMITS_MAX_REQUEST', 'RATE_LIMIT_MAX_REQUESTS'],
    ['POSTGRES_URI', 'POSTGRES_URL'],
    ['POSTGRES_REPLCIA_URI', 'POSTGRES_REPLICA_URL'],
    ['SERVER_ADRR', 'SERVER_ADDR'],
    ['NATS_URLS', 'NATS_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['LOG_FROMAT', 'LOG_FORMAT'],
    ['DATADIR', 'DATA_DIR'],
  ])('finds that %s means %s', (variable, meant) => {
    expect(findMisspelt([variable], SETTINGS)).toEqual([{ variable, meant }]);
  });

  test.each(OF_OTHERS)('leaves %s to others', (variable) => {
    expect(findMisspelt([variable], SETTINGS)).toEqual([]);
  });

  test('takes no setting for another one', () => {
    expect(findMisspelt(SETTINGS, SETTINGS)).toEqual([]);
    expect(findMisspelt(['DRAIN_SECONDS'], ['WS_DRAIN_SECONDS', 'DRAIN_SECONDS'])).toEqual([]);
  });

  test('allows an edit per eight characters of the setting, and two at most', () => {
    const isFound = (variable: string, setting: string) =>
      findMisspelt([variable], [setting]).length === 1;
    expect(isFound('1234567x', '1234567')).toBe(false);
    expect(isFound('12345678x', '12345678')).toBe(true);
    expect(isFound('123456789012345xx', '123456789012345')).toBe(false);
    expect(isFound('1234567890123456xx', '1234567890123456')).toBe(true);
    const long = '12345678'.repeat(4);
    expect(isFound(`${long}xx`, long)).toBe(true);
    expect(isFound(`${long}xxx`, long)).toBe(false);
  });

  test('suggests the nearest of several', () => {
    const settings = ['POSTGRES_PRIMARY_URLAB', 'POSTGRES_PRIMARY_URLA'];
    expect(findMisspelt(['POSTGRES_PRIMARY_URL'], settings)).toEqual([
      { variable: 'POSTGRES_PRIMARY_URL', meant: 'POSTGRES_PRIMARY_URLA' },
    ]);
  });
});

describe('editDistance', () => {
  test.each([
    ['same', 'same', 0],
    ['', 'ab', 2],
    ['ADR', 'ADDR', 1],
    ['ADDRS', 'ADDR', 1],
    ['URI', 'URL', 1],
    ['REIDS', 'REDIS', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('from %p to %p is %d', (one, other, edits) => {
    expect(editDistance(one, other, edits)).toBe(edits);
    expect(editDistance(one, other, edits + 1)).toBe(edits);
    if (edits > 0) expect(editDistance(one, other, edits - 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is the one of the textbook', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (one, other) => {
        const edits = textbookDistance(one, other);
        expect(editDistance(one, other, 4)).toBe(edits <= 4 ? edits : Number.POSITIVE_INFINITY);
      }),
    );
  });
});

/** Optimal string alignment by its table of prefixes. */
function textbookDistance(one: string, other: string): number {
  const table = new Map<string, number>();
  const at = (i: number, j: number) => table.get(`${i},${j}`) ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i <= one.length; i++) {
    for (let j = 0; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwap = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const ways = [
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        ...(isSwap ? [at(i - 2, j - 2) + 1] : []),
      ];
      table.set(`${i},${j}`, i + j === 0 ? 0 : Math.min(...ways));
    }
  }
  return at(one.length, other.length);
}
