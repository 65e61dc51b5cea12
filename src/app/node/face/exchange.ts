/** The exchange of a node: its catalogue, its file, its bidders, its routes. */
import { createIdMaker } from '../../../core/id.ts';
import { createRandom } from '../../../core/random.ts';
import { createRedisStats } from '../../../driver/redis/stats.ts';
import { createSimulatedDemand } from '../../../driver/simulated/demand.ts';
import { createExchange } from '../../../exchange/exchange.ts';
import type { AuctionArchive } from '../../../exchange/port/auction-archive.ts';
import type { Stats } from '../../../exchange/port/stats.ts';
import { createAuctionLimit } from '../../../server/exchange/auction-limit.ts';
import { exchangeRoutes } from '../../../server/exchange/exchange-routes.ts';
import type { Route } from '../../../server/http/route.ts';
import type { Connections } from '../connections.ts';
import { createHealthCheck } from '../health-check.ts';
import type { NodeParts } from '../parts.ts';
import { randomOf, systemRandom } from '../random.ts';
import { hasRedis } from '../role.ts';
import { carryLeftFiles, openOwnFile } from '../store/exchange-file.ts';
import { openLimiter } from '../store/limiter.ts';
import type { NodeStores } from '../stores.ts';
import { followCatalog } from './follow-catalog.ts';

export async function openExchangeRoutes(parts: NodeParts, stores: NodeStores): Promise<Route[]> {
  const { config, clock, timers } = parts;
  const { connections, auctions } = stores;
  const archive = config.postgresUrl === '' ? null : openArchive(parts, connections);
  const file = openOwnFile(parts);
  // Auctions and bidders draw from generators of their own: a bidder more or less leaves ids alone.
  const random = randomOf(config);
  const demand = createSimulatedDemand({
    random: createRandom(random.seed()),
    latency: config.simulatedLatency,
    timers,
  });
  const stats = openStats(parts, connections) ?? file.stats;
  const exchange = createExchange({
    demand,
    spool: file.spool,
    stats,
    archive,
    clock,
    timers,
    random,
    nextAuctionId: createIdMaker('auc', clock, systemRandom()),
  });
  await followCatalog(exchange, parts);
  if (auctions !== null) {
    auctions.carry(auctions.left(file.spool));
    await carryLeftFiles(auctions, parts);
  }
  const limiter = openLimiter(parts, connections);
  const limit = createAuctionLimit({ limiter, forwarded: parts.forwarded });
  return exchangeRoutes({ exchange, limit, clock });
}

function openArchive(parts: NodeParts, connections: Connections): AuctionArchive {
  const { clock, timers, health } = parts;
  const { auctions } = connections.archives();
  const ask = async () => (await auctions.find('none')) === null;
  health.add({ name: 'auctions', isUp: createHealthCheck({ clock, timers, ask }) });
  return auctions;
}

/** Null when the counters are in the node's own file. */
function openStats({ config, log, owned }: NodeParts, connections: Connections): Stats | null {
  if (!hasRedis(config)) return null;
  const onError = (err: unknown) => log.error({ err }, 'auctions are not counted; trying again');
  const { nodeId: node } = connections;
  return owned.use(createRedisStats(connections.redis(), { node, onError }));
}
