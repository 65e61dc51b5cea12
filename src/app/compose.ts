/**
 * The composition root: from a configuration to a running node.
 *
 * What is built and in which order is all here; nothing is global and nothing registers itself.
 * `stop` undoes it in reverse: no new requests, those in flight finish, spool and statistics are
 * flushed, files are closed.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../core/clock.ts';
import { createRandom } from '../core/random.ts';
import { createMemoryRateLimiter } from '../driver/memory/rate-limiter.ts';
import { createSimulatedBidder } from '../driver/simulated/bidder.ts';
import { type ExchangeFile, openExchangeFile } from '../driver/sqlite/exchange-file.ts';
import { createExchange, type Exchange } from '../exchange/exchange.ts';
import type { Catalog } from '../port/catalog.ts';
import { createForwardedReader } from '../server/client-address.ts';
import { createLimit } from '../server/rate-limit.ts';
import { batchRoutes } from '../server/route/batch.ts';
import { docsRoutes } from '../server/route/docs.ts';
import { exchangeRoutes } from '../server/route/exchange.ts';
import { healthRoutes } from '../server/route/health.ts';
import { startServer } from '../server/server.ts';
import type { Config } from './config.ts';
import { exchangePath, openCatalog } from './store.ts';

const MS_PER_SECOND = 1000;
const BYTES_PER_MEGABYTE = 1_000_000;
const UINT32 = 2 ** 32;

export type Node = {
  readonly url: string;
  readonly exchange: Exchange;
  stop(): Promise<void>;
};

/** @throws when a store cannot be opened or the address is taken. */
export async function compose(config: Config, log: Logger): Promise<Node> {
  const started = new AsyncDisposableStack();
  await using cleanup = started;
  await mkdir(config.dataDir, { recursive: true });
  const catalog = started.use(await openCatalog(config));
  const file = started.use(openFile(config, log));
  const exchange = composeExchange(config, file);
  await followCatalog(exchange, { catalog, log, started });

  let isDraining = false;
  const routes = composeRoutes(config, { exchange, file, isDraining: () => isDraining });
  const server = startServer({ ...config.serverAddress, routes, log });
  const owned = cleanup.move();
  return {
    url: server.url,
    exchange,
    stop: async () => {
      isDraining = true;
      await setTimeout(config.drainSeconds * MS_PER_SECOND);
      await server.stop(config.shutdownSeconds * MS_PER_SECOND);
      await owned.disposeAsync();
    },
  };
}

function openFile(config: Config, log: Logger): ExchangeFile {
  return openExchangeFile(exchangePath(config), {
    maxBytes: config.spoolMaxMegabytes * BYTES_PER_MEGABYTE,
    onError: (err) => log.error({ err }, 'auctions could not be written; trying again'),
  });
}

function composeExchange(config: Config, { spool, stats }: ExchangeFile): Exchange {
  // Auctions and bidders draw from generators of their own: a bidder more or less leaves ids alone.
  const random = createRandom(
    config.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? UINT32 - 1,
  );
  const bidder = createSimulatedBidder(createRandom(random.seed()), config.simulatedLatency);
  return createExchange({ bidder, spool, stats, clock: systemClock, random });
}

async function followCatalog(
  exchange: Exchange,
  { catalog, log, started }: { catalog: Catalog; log: Logger; started: AsyncDisposableStack },
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
  started.defer(stopWatching);
}

function composeRoutes(
  config: Config,
  {
    exchange,
    file,
    isDraining,
  }: { exchange: Exchange; file: ExchangeFile; isDraining: () => boolean },
) {
  const rule = {
    maxRequests: config.rateLimitMaxRequests,
    windowMs: config.rateLimitWindowSeconds * MS_PER_SECOND,
  };
  const limiter = rule.maxRequests === 0 ? undefined : createMemoryRateLimiter(rule, systemClock);
  const limit = createLimit({ limiter, forwarded: createForwardedReader(config.trustedProxies) });
  const parts = { exchange, stats: file.stats, limit, clock: systemClock };
  const notReady = () => (isDraining() ? 'The node is stopping.' : undefined);
  const routes = [
    ...exchangeRoutes(parts),
    ...batchRoutes(parts),
    ...healthRoutes({ clock: systemClock, notReady }),
  ];
  return [...routes, ...docsRoutes(routes, packageJson.version)];
}
