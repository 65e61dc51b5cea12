/**
 * The composition root: from a configuration and a role to a running node.
 *
 * What is built and in which order is all here and in the files of the faces; nothing is global and
 * nothing registers itself. `stop` undoes it in reverse: no new requests, those in flight finish,
 * viewers are asked to come back, what waits is flushed, connections and files are closed.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import packageJson from '../../../package.json' with { type: 'json' };
import { systemClock } from '../../core/clock.ts';
import { systemTimers } from '../../core/timer.ts';
import { lossySettings } from '../../driver/redis/line/durability.ts';
import { exchangeError } from '../../server/exchange/error.ts';
import { createForwardedReader } from '../../server/http/client-address.ts';
import { healthRoutes } from '../../server/http/health.ts';
import { startServer } from '../../server/http/server.ts';
import { liveError } from '../../server/live/error.ts';
import { docsRoutes } from '../../server/page/docs.ts';
import { createConnections } from './connections.ts';
import { createAuctionArchiving } from './duty/auction-archive.ts';
import { composeExchange } from './duty/exchange.ts';
import { composeLive } from './duty/live.ts';
import { createHealthWatch } from './health.ts';
import type { NodeParts, NodeWanted } from './parts.ts';
import { hasDuty, hasRedis } from './role.ts';

const MS_PER_SECOND = 1000;
const REACH_MS = 2_000;

export type Node = {
  readonly url: string;
  stop(): Promise<void>;
};

/** So that a start does not begin with complaints; without Redis it goes on all the same. */
async function whenReachable({ config, connections, log, role }: NodeParts): Promise<void> {
  if (!hasRedis(config) || role === 'archiver') return;
  await connections.redis().whenUp(REACH_MS);
  const settings = await lossySettings(connections.redis());
  if (settings.length > 0) log.warn({ settings }, 'this Redis can lose acknowledged bids');
}

/** Items that many nodes share, with viewers and a history that each has for itself. */
function warnOfHalfShared({ config, log }: NodeParts): void {
  if (!hasRedis(config) || config.natsUrl !== '') return;
  log.warn('REDIS_ADDR without NATS_URL is for one node alone: no other sees its events');
}

/** @throws when a store cannot be opened or the address is taken. */
export async function compose(wanted: NodeWanted): Promise<Node> {
  const { config, role, worker, log } = wanted;
  await using opened = new AsyncDisposableStack();
  await mkdir(config.dataDir, { recursive: true });
  const forwarded = createForwardedReader(config.trustedProxies);
  const health = createHealthWatch();
  const base = { ...wanted, forwarded, health, owned: opened };
  const parts: NodeParts = { ...base, connections: createConnections(base) };
  warnOfHalfShared(parts);
  await whenReachable(parts);
  const archiving = createAuctionArchiving(parts);
  const exchangeRoutes = hasDuty(role, 'api') ? await composeExchange(parts, archiving) : [];
  if (hasDuty(role, 'archiver')) await archiving?.archive();
  const { sockets, routes: liveRoutes } = await composeLive(parts);

  let isDraining = false;
  const notReady = () => (isDraining ? 'The node is stopping.' : undefined);
  const service = role === 'all' ? 'gavel' : `gavel-${role}`;
  const { report } = health;
  const routes = [
    ...exchangeRoutes,
    ...liveRoutes,
    ...healthRoutes({ clock: systemClock, service, notReady, report }),
  ];
  const server = startServer({
    ...config.serverAddress,
    sharesPort: worker !== null,
    routes: [...routes, ...docsRoutes(routes, packageJson.version)],
    toHttpError: (error) => exchangeError(error) ?? liveError(error),
    timers: systemTimers,
    log,
    ...(sockets === null ? {} : { sockets }),
  });
  const owned = opened.move();
  return {
    url: server.url,
    stop: async () => {
      isDraining = true;
      await setTimeout(config.drainSeconds * MS_PER_SECOND);
      await server.stop(config.shutdownSeconds * MS_PER_SECOND);
      await owned.disposeAsync();
    },
  };
}
