/** The exchange of a node: its catalogue, its file, its bidders, its routes. */
import type { Logger } from 'pino';
import { systemClock } from '../core/clock.ts';
import { createIdMaker } from '../core/id.ts';
import { createRandom } from '../core/random.ts';
import { createMemoryRateLimiter } from '../driver/memory/rate-limiter.ts';
import { createSimulatedBidder } from '../driver/simulated/bidder.ts';
import { type ExchangeFile, openExchangeFile } from '../driver/sqlite/exchange-file.ts';
import { createExchange, type Exchange } from '../exchange/exchange.ts';
import type { Catalog } from '../port/catalog.ts';
import type { createForwardedReader } from '../server/client-address.ts';
import { createLimit } from '../server/rate-limit.ts';
import { batchRoutes } from '../server/route/batch.ts';
import { exchangeRoutes } from '../server/route/exchange.ts';
import type { Route } from '../server/route.ts';
import type { Config } from './config.ts';
import { randomOf, systemRandom } from './random.ts';
import { exchangePath, openCatalog } from './store.ts';

const MS_PER_SECOND = 1000;
const BYTES_PER_MEGABYTE = 1_000_000;

export type ExchangeNode = { readonly exchange: Exchange; readonly routes: readonly Route[] };

export type NodeParts = {
  readonly config: Config;
  readonly log: Logger;
  readonly forwarded: ReturnType<typeof createForwardedReader>;
  /** Takes what must be freed, in the order in which it was opened. */
  readonly owned: AsyncDisposableStack;
};

export async function composeExchange(parts: NodeParts): Promise<ExchangeNode> {
  const { config, log, owned } = parts;
  const catalog = owned.use(await openCatalog(config));
  const file: ExchangeFile = owned.use(
    openExchangeFile(exchangePath(config), {
      maxBytes: config.spoolMaxMegabytes * BYTES_PER_MEGABYTE,
      onError: (err) => {
        const droppedEvents = file.droppedEvents();
        log.error({ err, droppedEvents }, 'auctions could not be written; trying again');
      },
    }),
  );
  // Auctions and bidders draw from generators of their own: a bidder more or less leaves ids alone.
  const random = randomOf(config);
  const bidder = createSimulatedBidder(createRandom(random.seed()), config.simulatedLatency);
  const { spool, stats } = file;
  const nextAuctionId = createIdMaker('auc', systemClock, systemRandom());
  const clock = systemClock;
  const exchange = createExchange({ bidder, spool, stats, clock, random, nextAuctionId });
  await followCatalog(exchange, catalog, parts);
  const limit = createLimit({ limiter: limiterOf(config), forwarded: parts.forwarded });
  const routeParts = { exchange, stats, limit, clock: systemClock };
  return { exchange, routes: [...exchangeRoutes(routeParts), ...batchRoutes(routeParts)] };
}

function limiterOf({ rateLimitMaxRequests: maxRequests, rateLimitWindowSeconds }: Config) {
  if (maxRequests === 0) return undefined;
  const rule = { maxRequests, windowMs: rateLimitWindowSeconds * MS_PER_SECOND };
  return createMemoryRateLimiter(rule, systemClock);
}

async function followCatalog(
  exchange: Exchange,
  catalog: Catalog,
  { log, owned }: NodeParts,
): Promise<void> {
  exchange.useCatalog(await catalog.load());
  const stopWatching = catalog.watch(exchange.catalogVersion(), (version) => {
    exchange.useCatalog(version);
    const { supplies, bidders } = version;
    log.info(
      { version: version.version, supplies: supplies.length, bidders: bidders.length },
      'catalogue replaced',
    );
  });
  owned.defer(stopWatching);
}
