/** The exchange's routes over statistics and a limiter in a Redis that dies and comes back. */

import { expect, test } from 'bun:test';
import { openRedisServer } from '../../deploy/local/redis.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createIdMaker } from '../../src/core/id.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { createFallbackLimiter } from '../../src/driver/memory/limit/fallback-limiter.ts';
import { createMemoryRateLimiter } from '../../src/driver/memory/rate-limiter.ts';
import type { RedisConnection } from '../../src/driver/redis/line/connection.ts';
import { createRedisRateLimiter } from '../../src/driver/redis/rate-limiter.ts';
import { createRedisStats } from '../../src/driver/redis/stats.ts';
import { createSimulatedDemand } from '../../src/driver/simulated/demand.ts';
import { createExchange } from '../../src/exchange/exchange.ts';
import { createAuctionLimit } from '../../src/server/exchange/auction-limit.ts';
import { exchangeError } from '../../src/server/exchange/error.ts';
import { exchangeRoutes } from '../../src/server/exchange/exchange-routes.ts';
import { createForwardedReader } from '../../src/server/http/client-address.ts';
import { createPageAccess } from '../../src/server/http/origin.ts';
import { startServer } from '../../src/server/http/server.ts';
import { createCountingSpool } from '../support/counting-spool.ts';
import {
  BATCH_EXAMPLE,
  bidBatch,
  get,
  type Reply,
  type TotalsBody,
} from '../support/exchange-client.ts';
import { connectRedis } from '../support/redis-connection.ts';

const BACK_MS = 2_000;
const RULE = { maxRequests: 1_000, windowMs: 60_000 };

function serve(redis: RedisConnection): AsyncDisposable & { readonly url: string } {
  const clock = systemClock;
  const random = createRandom(1);
  const stats = createRedisStats(redis, { node: 'node', onError: () => {} });
  const exchange = createExchange({
    demand: createSimulatedDemand({ random, latency: 'drawn', timers: systemTimers }),
    spool: createCountingSpool(),
    stats,
    archive: null,
    clock,
    timers: systemTimers,
    random,
    nextAuctionId: createIdMaker('auc', clock, random),
  });
  const limiter = createFallbackLimiter({
    shared: createRedisRateLimiter(redis, RULE, { name: 'bid' }),
    own: createMemoryRateLimiter(RULE, clock),
    clock,
    onChange: () => {},
  });
  const limit = createAuctionLimit({ limiter, forwarded: createForwardedReader([]) });
  const server = startServer({
    idleSeconds: 75,
    pages: createPageAccess([]),
    hostname: '127.0.0.1',
    port: 0,
    routes: exchangeRoutes({ exchange, limit, clock }),
    toHttpError: exchangeError,
    timers: systemTimers,
    log: { error: (details) => expect(details).toBeUndefined() },
  });
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      await server.stop(0);
      await stats[Symbol.asyncDispose]();
    },
  };
}

function expectUnavailable({ status, headers, body }: Reply): void {
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(body).toEqual({ error: 'stats_unavailable', message: expect.stringMatching(/^.+\.$/) });
}

test('auctions go on while Redis is dead; their counters are unavailable, and exact after it', async () => {
  await using redisServer = await openRedisServer();
  await using redis = await connectRedis(redisServer);
  await using server = serve(redis);
  expect((await bidBatch(server.url, BATCH_EXAMPLE)).status).toBe(200);
  redisServer.kill('SIGKILL');
  for (let auction = 0; auction < 3; auction++) {
    expect((await bidBatch(server.url, BATCH_EXAMPLE)).status).toBe(200);
  }
  expectUnavailable(await get(`${server.url}/stat`));
  expectUnavailable(await get(`${server.url}/stat?supply_id=supply1`));
  expectUnavailable(await get(`${server.url}/api/v1/stat`));
  await redisServer.restart();
  expect(await redis.whenUp(BACK_MS)).toBe(true);
  const { body } = await get<TotalsBody>(`${server.url}/api/v1/stat`);
  expect(body.total_auctions).toBe(4);
});
