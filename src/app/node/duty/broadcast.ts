/** Shows items to viewers over WebSocket. */
import { openHub } from '../../../live/viewing/hub.ts';
import { VIEWING_LIMIT } from '../../../live/viewing/limit.ts';
import { createAdminGate, createLookerReader } from '../../../server/live/identity.ts';
import { liveWire } from '../../../server/live/socket-frames.ts';
import { socketRoute } from '../../../server/live/socket-route.ts';
import { createSockets, type Sockets } from '../../../server/live/sockets.ts';
import { aliasOf } from '../alias.ts';
import type { NodeParts } from '../parts.ts';
import { systemRandom } from '../random.ts';
import type { LiveStore } from '../store/live-store.ts';
import type { Duty } from './duty.ts';

const MS_PER_SECOND = 1000;

export const broadcastDuty: Duty = {
  name: 'broadcast',
  needsBook: true,
  async start(parts, { items, live, identity }) {
    const { config, forwarded, pages } = parts;
    const sockets = await openSockets(parts, items);
    const lookerOf = createLookerReader(await identity(), createAdminGate(config.adminKey));
    const route = socketRoute({ sockets, live: await live(), lookerOf, forwarded, pages });
    return { routes: [route], sockets };
  },
};

async function openSockets(parts: NodeParts, items: LiveStore): Promise<Sockets> {
  const { config, clock, timers, log, owned } = parts;
  const book = items.book();
  const hub = await openHub({
    archive: items.archive(),
    bus: items.bus(),
    random: systemRandom(),
    clock,
    timers,
    wire: liveWire,
    aliasOf,
    limit: VIEWING_LIMIT,
    tickMs: config.socketTickMs,
    read: (itemId) => book.read(itemId),
    onError: (err) => log.error({ err }, 'a watched item could not be read; trying again'),
  });
  return createSockets({
    hub: owned.use(hub),
    clock,
    timers,
    viewerBufferedBytes: VIEWING_LIMIT.viewerBufferedBytes,
    connectionsPerAddress: config.socketConnectionsPerAddress,
    drainMs: config.socketDrainSeconds * MS_PER_SECOND,
  });
}
