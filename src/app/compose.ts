/**
 * The composition root: from a configuration to a running node.
 *
 * What is built and in which order is all here and in the two files of the faces; nothing is global
 * and nothing registers itself. `stop` undoes it in reverse: no new requests, those in flight finish,
 * viewers are asked to come back, what waits is flushed, files are closed.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../core/clock.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { createForwardedReader } from '../server/client-address.ts';
import { docsRoutes } from '../server/route/docs.ts';
import { healthRoutes } from '../server/route/health.ts';
import { startServer } from '../server/server.ts';
import { composeExchange } from './compose-exchange.ts';
import { composeLive } from './compose-live.ts';
import type { Config } from './config.ts';

const MS_PER_SECOND = 1000;

export type Node = {
  readonly url: string;
  readonly exchange: Exchange;
  stop(): Promise<void>;
};

/** @throws when a store cannot be opened or the address is taken. */
export async function compose(config: Config, log: Logger): Promise<Node> {
  await using opened = new AsyncDisposableStack();
  await mkdir(config.dataDir, { recursive: true });
  const forwarded = createForwardedReader(config.trustedProxies);
  const parts = { config, log, forwarded, owned: opened };
  const { exchange, routes: exchangeRoutes } = await composeExchange(parts);
  const { sockets, routes: liveRoutes } = await composeLive(parts);

  let isDraining = false;
  const notReady = () => (isDraining ? 'The node is stopping.' : undefined);
  const routes = [
    ...exchangeRoutes,
    ...liveRoutes,
    ...healthRoutes({ clock: systemClock, notReady }),
  ];
  const documented = [...routes, ...docsRoutes(routes, packageJson.version)];
  const server = startServer({ ...config.serverAddress, routes: documented, log, sockets });
  const owned = opened.move();
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
