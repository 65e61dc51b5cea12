/**
 * The composition root: from a configuration and a role to a running node.
 *
 * What is built and in which order is all here and in the files of the faces; nothing is global and
 * nothing registers itself. `stop` undoes it in reverse: no new requests, those in flight finish,
 * viewers are asked to come back, what waits is flushed, connections and files are closed.
 */
import packageJson from '../../../package.json' with { type: 'json' };
import { systemClock } from '../../core/clock.ts';
import { sleep, systemTimers } from '../../core/timer.ts';
import { lossySettings } from '../../driver/redis/line/durability.ts';
import { exchangeError } from '../../server/exchange/error.ts';
import { createForwardedReader } from '../../server/http/client-address.ts';
import { healthRoutes } from '../../server/http/health.ts';
import { createPageAccess } from '../../server/http/origin.ts';
import type { Route } from '../../server/http/route.ts';
import { startServer } from '../../server/http/server.ts';
import { liveError } from '../../server/live/error.ts';
import type { Sockets } from '../../server/live/sockets.ts';
import { docsRoutes } from '../../server/page/docs.ts';
import type { Served } from './duty/duty.ts';
import { DUTIES } from './duty/table.ts';
import { createHealthWatch } from './health.ts';
import type { NodeParts, NodeWanted } from './parts.ts';
import { hasDuty, hasRedis } from './role.ts';
import { holderOf, holdOwnFiles } from './store/data-folder.ts';
import { createStores, type NodeStores } from './stores.ts';

const MS_PER_SECOND = 1000;
const REACH_MS = 2_000;

export type Node = {
  readonly url: string;
  stop(): Promise<void>;
};

/** @throws when another process holds the folder, a store cannot be opened or the address is taken. */
export async function compose(wanted: NodeWanted): Promise<Node> {
  const { config, worker, log } = wanted;
  await using opened = new AsyncDisposableStack();
  const parts: NodeParts = {
    ...wanted,
    clock: systemClock,
    timers: systemTimers,
    forwarded: createForwardedReader(config.trustedProxies),
    pages: createPageAccess(config.socketOrigins),
    health: createHealthWatch(),
    owned: opened,
  };
  const lock = await holdOwnFiles(parts);
  if (lock !== null) opened.use(lock);
  const { routes, sockets } = await startDuties(parts);
  const state = { isDraining: false };
  const served = [...routes, ...nodeRoutes(parts, state)];
  const server = startServer({
    ...config.serverAddress,
    sharesPort: worker !== null,
    routes: [...served, ...(config.docs === 'on' ? docsRoutes(served, packageJson.version) : [])],
    toHttpError: (error) => exchangeError(error) ?? liveError(error),
    timers: parts.timers,
    pages: parts.pages,
    idleSeconds: config.idleSeconds,
    log,
    ...(sockets === undefined ? {} : { sockets }),
  });
  // Only now is a port known that the system chose.
  lock?.nameHolder(holderOf(parts.clock, server.url));
  const owned = opened.move();
  return {
    url: server.url,
    stop: async () => {
      state.isDraining = true;
      server.retire();
      await sleep(parts.timers, config.drainSeconds * MS_PER_SECOND);
      await server.stop(config.shutdownSeconds * MS_PER_SECOND);
      await owned.disposeAsync();
    },
  };
}

async function startDuties(parts: NodeParts): Promise<Served> {
  const stores = createStores(parts);
  const duties = DUTIES.filter(({ name }) => hasDuty(parts.role, name));
  warnOfHalfShared(parts);
  if (duties.some(({ needsBook }) => needsBook)) await reachBook(parts, stores);
  const routes: Route[] = [];
  let sockets: Sockets | undefined;
  for (const duty of duties) {
    const served = await duty.start(parts, stores);
    routes.push(...served.routes);
    sockets ??= served.sockets;
  }
  return sockets === undefined ? { routes } : { routes, sockets };
}

function nodeRoutes(
  { clock, config, health, role }: NodeParts,
  state: { readonly isDraining: boolean },
): Route[] {
  const notReady = () => (state.isDraining ? 'The node is stopping.' : undefined);
  const hasDetail = config.healthDetail === 'on';
  const service = role === 'all' ? 'gavel' : `gavel-${role}`;
  return healthRoutes({ clock, service, notReady, hasDetail, report: health.report });
}

/** So that a start does not begin with complaints; without Redis it goes on all the same. */
async function reachBook({ config, log }: NodeParts, stores: NodeStores): Promise<void> {
  if (hasRedis(config)) {
    const redis = stores.connections.redis();
    await redis.whenUp(REACH_MS);
    const settings = await lossySettings(redis);
    if (settings.length > 0) log.warn({ settings }, 'this Redis can lose acknowledged bids');
  }
  await stores.items.check();
}

/** Items that many nodes share, with viewers and a history that each has for itself. */
function warnOfHalfShared({ config, log }: NodeParts): void {
  if (!hasRedis(config) || config.natsUrl !== '') return;
  log.warn('REDIS_ADDR without NATS_URL is for one node alone: no other sees its events');
}
