/** The live auctions of a node: the book and its file, the loops that follow it, routes and sockets. */
import { systemClock } from '../core/clock.ts';
import { createIdMaker } from '../core/id.ts';
import { createMemoryRateLimiter } from '../driver/memory/rate-limiter.ts';
import { openSqliteArchive } from '../driver/sqlite/archive.ts';
import { openSqliteBus } from '../driver/sqlite/bus.ts';
import { openLiveFile } from '../driver/sqlite/live-file.ts';
import { startArchiver } from '../live/archiver.ts';
import { startCloser } from '../live/closer.ts';
import { openHub } from '../live/hub.ts';
import { createLive, type Live } from '../live/live.ts';
import { startRelay } from '../live/relay.ts';
import { systemTimers } from '../live/system-timers.ts';
import { createAdminGate } from '../server/identity.ts';
import { createUserLimit } from '../server/rate-limit.ts';
import { itemAdminRoutes } from '../server/route/item-admin.ts';
import { itemRoutes } from '../server/route/items.ts';
import { socketRoute } from '../server/route/socket.ts';
import type { Route } from '../server/route.ts';
import { createSockets, type Sockets } from '../server/socket.ts';
import { liveWire } from '../server/view/live-frame.ts';
import type { NodeParts } from './compose-exchange.ts';
import type { Config } from './config.ts';
import { createIdentity } from './identity.ts';
import { systemRandom } from './random.ts';
import { livePaths } from './store.ts';

const MS_PER_SECOND = 1000;

export type LiveNode = { readonly routes: readonly Route[]; readonly sockets: Sockets };

export async function composeLive(parts: NodeParts): Promise<LiveNode> {
  const { config, log, owned } = parts;
  const clock = systemClock;
  const random = systemRandom();
  const paths = livePaths(config);
  const onError = (err: unknown) => log.error({ err }, 'a loop of the live auctions tries again');

  const { book, outbox, index } = owned.use(openLiveFile(paths.live, { clock, random }));
  const archive = owned.use(openSqliteArchive(paths.archive));
  const bus = owned.use(openSqliteBus(paths.bus, { onError }));
  const archiver = await startArchiver({ bus, archive });
  owned.defer(() => archiver.stop());
  const hub = owned.use(
    await openHub({
      bus,
      archive,
      random,
      clock,
      timers: systemTimers,
      wire: liveWire,
      tickMs: config.socketTickMs,
      read: (itemId) => book.read(itemId),
      onError,
    }),
  );
  const relay = startRelay({ outbox, bus, clock, onError });
  owned.defer(() => relay.stop());
  const nextEventId = createIdMaker('evt', clock, random);
  const closer = startCloser({ book, index, clock, nextEventId, onError });
  owned.defer(() => closer.stop());

  const opensOnFirstSight = config.itemsAutoCreate === 'on';
  const live = createLive({ book, index, archive, clock, random, opensOnFirstSight });
  const sockets = createSockets({
    hub,
    clock,
    connectionsPerAddress: config.socketConnectionsPerAddress,
    drainMs: config.socketDrainSeconds * MS_PER_SECOND,
  });
  return { routes: liveRoutes(live, sockets, parts), sockets };
}

function liveRoutes(live: Live, sockets: Sockets, { config, forwarded }: NodeParts): Route[] {
  const clock = systemClock;
  const identity = createIdentity(config, clock);
  const userLimit = createUserLimit(userLimiterOf(config));
  const requireAdmin = createAdminGate(config.adminKey);
  return [
    ...itemRoutes({ live, identity, userLimit, clock }),
    ...itemAdminRoutes({ live, requireAdmin, clock }),
    socketRoute({ sockets, live, forwarded, origins: config.socketOrigins }),
  ];
}

function userLimiterOf({ bidsPerSecondPerUser: maxRequests }: Config) {
  if (maxRequests === 0) return undefined;
  return createMemoryRateLimiter({ maxRequests, windowMs: MS_PER_SECOND }, systemClock);
}
