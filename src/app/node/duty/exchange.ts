/** The exchange of a node: its catalogue, its file, its bidders, its routes. */
import { systemClock } from '../../../core/clock.ts';
import { createIdMaker } from '../../../core/id.ts';
import { createRandom } from '../../../core/random.ts';
import { systemTimers } from '../../../core/timer.ts';
import { createFallbackLimiter } from '../../../driver/memory/limit/fallback-limiter.ts';
import { createMemoryRateLimiter } from '../../../driver/memory/rate-limiter.ts';
import { createRedisRateLimiter } from '../../../driver/redis/rate-limiter.ts';
import { createRedisStats } from '../../../driver/redis/stats.ts';
import { createSimulatedDemand } from '../../../driver/simulated/demand.ts';
import { type ExchangeFile, openExchangeFile } from '../../../driver/sqlite/spool/exchange-file.ts';
import { createExchange } from '../../../exchange/exchange.ts';
import type { Stats } from '../../../exchange/port/stats.ts';
import { createAuctionLimit } from '../../../server/exchange/auction-limit.ts';
import { exchangeRoutes } from '../../../server/exchange/exchange-routes.ts';
import type { Route } from '../../../server/http/route.ts';
import type { RateLimiter } from '../../../server/port/rate-limiter.ts';
import type { NodeParts } from '../parts.ts';
import { randomOf, systemRandom } from '../random.ts';
import { hasRedis } from '../role.ts';
import { exchangePath, leftExchangePaths } from '../store/store.ts';
import type { AuctionArchiving } from './auction-archive.ts';
import { followCatalog } from './catalog.ts';

const MS_PER_SECOND = 1000;
const BYTES_PER_MEGABYTE = 1_000_000;

export async function composeExchange(
  parts: NodeParts,
  archiving: AuctionArchiving | null,
): Promise<readonly Route[]> {
  const { config, connections, owned, worker } = parts;
  const archive = config.postgresUrl === '' ? null : connections.archives().auctions;
  const file = owned.use(openFile(exchangePath(config, worker), parts));
  // Auctions and bidders draw from generators of their own: a bidder more or less leaves ids alone.
  const random = randomOf(config);
  const demand = createSimulatedDemand(createRandom(random.seed()), config.simulatedLatency);
  const { spool } = file;
  const exchange = createExchange({
    demand,
    spool,
    stats: statsOf(parts) ?? file.stats,
    archive,
    clock: systemClock,
    timers: systemTimers,
    random,
    nextAuctionId: createIdMaker('auc', systemClock, systemRandom()),
  });
  await followCatalog(exchange, parts);
  archiving?.relay(spool);
  if (archiving !== null) await relayLeftAuctions(archiving, parts);
  const limit = createAuctionLimit({ limiter: limiterOf(parts), forwarded: parts.forwarded });
  return exchangeRoutes({ exchange, limit, clock: systemClock });
}

function openFile(path: string, { config, log }: NodeParts): ExchangeFile {
  const file = openExchangeFile(path, {
    maxBytes: config.spoolMaxMegabytes * BYTES_PER_MEGABYTE,
    onError: (err) => {
      const droppedEvents = file.droppedEvents();
      log.error({ err, droppedEvents }, 'auctions could not be written; trying again');
    },
  });
  return file;
}

/** What processes that are no more had not carried yet. A file that cannot be read holds up nobody. */
async function relayLeftAuctions(archiving: AuctionArchiving, parts: NodeParts): Promise<void> {
  const { config, log, worker } = parts;
  for (const path of await leftExchangePaths(config, worker)) {
    try {
      await relayLeft(path, { archiving, parts });
    } catch (err) {
      log.error({ path, err }, 'the auctions of a process that is no more cannot be archived');
    }
  }
}

async function relayLeft(
  path: string,
  { archiving, parts }: { archiving: AuctionArchiving; parts: NodeParts },
): Promise<void> {
  const { log, owned } = parts;
  await using opened = new AsyncDisposableStack();
  const { spool } = opened.use(openFile(path, parts));
  const auctions = spool.lastPosition() - spool.carriedPosition();
  if (auctions === 0) return;
  log.info({ path, auctions }, 'archiving the auctions of a process that is no more');
  owned.use(opened.move());
  archiving.relay(spool);
}

function statsOf({ config, connections, log, owned }: NodeParts): Stats | null {
  if (!hasRedis(config)) return null;
  const onError = (err: unknown) => log.error({ err }, 'auctions are not counted; trying again');
  const { nodeId: node } = connections;
  return owned.use(createRedisStats(connections.redis(), { node, onError }));
}

/** Shared by all nodes through Redis; each node counts for itself while that is away. */
function limiterOf({ config, connections, health, log }: NodeParts): RateLimiter | undefined {
  const { rateLimitMaxRequests: maxRequests, rateLimitWindowSeconds } = config;
  if (maxRequests === 0) return undefined;
  const rule = { maxRequests, windowMs: rateLimitWindowSeconds * MS_PER_SECOND };
  const own = createMemoryRateLimiter(rule, systemClock);
  if (!hasRedis(config)) return own;
  const shared = createRedisRateLimiter(connections.redis(), rule, { name: 'auctions' });
  const onTurn = (reason: unknown) => {
    if (reason === null) log.info('the limit is shared by all nodes again');
    else log.error({ err: reason }, 'each node limits for itself meanwhile');
  };
  const limiter = createFallbackLimiter({ shared, own, clock: systemClock, onTurn });
  health.add({ name: 'shared-limit', isUp: () => !limiter.isDegraded() });
  return limiter;
}
