/** The live auctions of a node, as far as its role goes: bids, viewers, and the loops that follow. */
import { systemClock } from '../../../core/clock.ts';
import { createIdMaker } from '../../../core/id.ts';
import { systemTimers } from '../../../core/timer.ts';
import { createMemoryRateLimiter } from '../../../driver/memory/rate-limiter.ts';
import { startArchiver } from '../../../live/archiver.ts';
import { startCloser } from '../../../live/closer.ts';
import { createLive, type Live } from '../../../live/live.ts';
import { openPriceCache } from '../../../live/price-cache.ts';
import { startRelay } from '../../../live/relay.ts';
import { openHub } from '../../../live/viewing/hub.ts';
import type { Route } from '../../../server/http/route.ts';
import { liveWire } from '../../../server/live/frame.ts';
import { createAdminGate } from '../../../server/live/identity.ts';
import { itemAdminRoutes } from '../../../server/live/item-admin.ts';
import { itemRoutes } from '../../../server/live/items.ts';
import { createSockets, type Sockets } from '../../../server/live/socket.ts';
import { socketRoute } from '../../../server/live/socket-route.ts';
import { createUserLimit } from '../../../server/live/user-limit.ts';
import type { Config } from '../../setting/config.ts';
import { createIdentity } from '../identity.ts';
import type { NodeParts } from '../parts.ts';
import { systemRandom } from '../random.ts';
import { type Duty, hasDuty, hasRedis } from '../role.ts';
import { createLiveDrivers, type LiveDrivers } from '../store/live-drivers.ts';
import { startMigration } from '../store/migration.ts';

const MS_PER_SECOND = 1000;

export type LiveNode = { readonly routes: readonly Route[]; readonly sockets: Sockets | null };

export async function composeLive(parts: NodeParts): Promise<LiveNode> {
  const { role } = parts;
  const drivers = createLiveDrivers(parts);
  const does = (duty: Duty) => hasDuty(role, duty);
  if (role !== 'archiver') await drivers.check();
  if (does('archiver')) await composeArchiver(parts, drivers);
  const sockets = does('broadcast') ? await composeSockets(parts, drivers) : null;
  if (does('relay')) composeRelays(parts, drivers);
  if (does('closer')) composeCloser(parts, drivers);
  const live = does('api') || does('broadcast') ? await composeFace(parts, drivers) : null;
  return { routes: live === null ? [] : liveRoutes({ live, sockets }, parts), sockets };
}

async function composeArchiver(parts: NodeParts, drivers: LiveDrivers): Promise<void> {
  const { config, owned } = parts;
  if (config.postgresUrl !== '') owned.defer(startMigration(parts));
  const archiver = await startArchiver({ archive: drivers.archive(), bus: drivers.bus() });
  owned.defer(() => archiver.stop());
}

async function composeSockets({ config, log, owned }: NodeParts, drivers: LiveDrivers) {
  const book = drivers.book();
  const hub = owned.use(
    await openHub({
      archive: drivers.archive(),
      bus: drivers.bus(),
      random: systemRandom(),
      clock: systemClock,
      timers: systemTimers,
      wire: liveWire,
      tickMs: config.socketTickMs,
      read: (itemId) => book.read(itemId),
      onError: (err) => log.error({ err }, 'a watched item could not be read; trying again'),
    }),
  );
  return createSockets({
    hub,
    clock: systemClock,
    connectionsPerAddress: config.socketConnectionsPerAddress,
    drainMs: config.socketDrainSeconds * MS_PER_SECOND,
  });
}

function composeRelays({ log, owned }: NodeParts, drivers: LiveDrivers): void {
  const bus = drivers.bus();
  const onError = (err: unknown) => log.error({ err }, 'events could not be carried; trying again');
  for (const outbox of drivers.outboxes()) {
    const relay = startRelay({ outbox, bus, clock: systemClock, timers: systemTimers, onError });
    owned.defer(() => relay.stop());
  }
}

function composeCloser({ log, owned }: NodeParts, drivers: LiveDrivers): void {
  const [book, index] = [drivers.book(), drivers.index()];
  const nextEventId = createIdMaker('evt', systemClock, systemRandom());
  const onError = (err: unknown) => log.error({ err }, 'items could not be closed; trying again');
  const closer = startCloser({
    ...{ book, index, clock: systemClock, timers: systemTimers },
    ...{ nextEventId, onError },
  });
  owned.defer(() => closer.stop());
}

async function composeFace(parts: NodeParts, drivers: LiveDrivers): Promise<Live> {
  const { config, owned } = parts;
  const clock = systemClock;
  const [book, index] = [drivers.book(), drivers.index()];
  const hasCache = hasRedis(config) && config.priceCache === 'on' && hasDuty(parts.role, 'api');
  const prices = hasCache
    ? await openPriceCache({ bus: drivers.bus(), read: (id) => book.read(id), clock })
    : null;
  if (prices !== null) owned.use(prices);
  return createLive({
    book,
    index,
    archive: drivers.archive(),
    clock,
    random: systemRandom(),
    prices,
    opensOnFirstSight: config.itemsAutoCreate === 'on',
  });
}

function liveRoutes(
  { live, sockets }: { live: Live; sockets: Sockets | null },
  { config, forwarded, role }: NodeParts,
): Route[] {
  const clock = systemClock;
  const identity = createIdentity(config, clock);
  const userLimit = createUserLimit(userLimiterOf(config));
  const requireAdmin = createAdminGate(config.adminKey);
  const origins = config.socketOrigins;
  const api = [
    ...itemRoutes({ live, identity, userLimit, clock }),
    ...itemAdminRoutes({ live, requireAdmin, clock }),
  ];
  return [
    ...(hasDuty(role, 'api') ? api : []),
    ...(sockets === null ? [] : [socketRoute({ sockets, live, forwarded, origins })]),
  ];
}

function userLimiterOf({ bidsPerSecondPerUser: maxRequests }: Config) {
  if (maxRequests === 0) return undefined;
  return createMemoryRateLimiter({ maxRequests, windowMs: MS_PER_SECOND }, systemClock);
}
