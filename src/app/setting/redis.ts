/** Settings of the Redis that nodes share: where it is, how it is spoken to, how it is used. */
import { REDIS_LIMIT } from '../../driver/redis/line/limit.ts';
import { anyText, integer, oneOf, optional, peers, text } from './kind.ts';
import { section, sentencesOf, setting, type ValuesOf } from './section.ts';

const PLACE = {
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
    fallback: 'mymaster',
    purpose: 'the name of the master that the sentinels watch',
    ...anyText('any text'),
  }),
  redisDatabase: setting({
    variable: 'REDIS_DB',
    fallback: '0',
    purpose: 'the number of the Redis database; a cluster has only 0',
    ...integer(0, 65_535),
  }),
};

const ACCESS = {
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
};

const USE = {
  redisStrategy: setting({
    variable: 'REDIS_STRATEGY',
    fallback: 'lua',
    purpose: 'lua decides in Redis, optimistic in the node under WATCH',
    ...oneOf(['lua', 'optimistic']),
  }),
  redisBuckets: setting({
    variable: 'REDIS_BUCKETS',
    purpose: 'parts that the items are spread over; it cannot be changed later',
    ...optional(integer(1, 256), '1 for one server, 16 for a cluster'),
  }),
  redisOutboxEvents: setting({
    variable: 'REDIS_OUTBOX_EVENTS',
    fallback: `${REDIS_LIMIT.outboxEvents}`,
    purpose: 'events of a bucket that may wait for the relay before bids are not decided',
    ...integer(1_000, 100_000_000),
  }),
  redisTimeoutMs: setting({
    variable: 'REDIS_TIMEOUT_MS',
    fallback: '90',
    purpose: 'how long Redis may take before a bid is answered as not decided',
    ...integer(5, 60_000),
  }),
};

export const redisSection = section({
  title: 'Redis',
  rows: { ...PLACE, ...ACCESS, ...USE },
  faults: ({ redisAddresses, redisHost, redisMode, redisDatabase }) => {
    const isNowhere = redisHost === '' && redisAddresses?.length === 0;
    const addresses = redisAddresses?.length ?? 0;
    return sentencesOf([
      [redisHost !== '' && addresses > 0, 'REDIS_HOST: REDIS_ADDR says already where Redis is'],
      [
        redisMode === 'single' && addresses > 1,
        'REDIS_MODE="single": REDIS_ADDR has several addresses',
      ],
      [
        isNowhere && (redisMode === 'sentinel' || redisMode === 'cluster'),
        `REDIS_MODE="${redisMode}": needs REDIS_ADDR`,
      ],
      [
        redisMode === 'cluster' && (redisDatabase ?? 0) !== 0,
        `REDIS_DB="${redisDatabase}": a cluster has only 0`,
      ],
    ]);
  },
});

export type RedisConfig = ValuesOf<typeof redisSection.rows>;
