/** A real server with the hub behind it, over a stage in memory. */
import { aliasOf } from '../../src/app/node/alias.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { itemView, lensOf, PUBLIC } from '../../src/live/rule/view.ts';
import { openHub } from '../../src/live/viewing/hub.ts';
import { VIEWING_LIMIT } from '../../src/live/viewing/limit.ts';
import { createForwardedReader } from '../../src/server/http/client-address.ts';
import { createPageAccess } from '../../src/server/http/origin.ts';
import { startServer } from '../../src/server/http/server.ts';
import { liveError } from '../../src/server/live/error.ts';
import {
  createAdminGate,
  createLookerReader,
  type Identity,
  trustingIdentity,
} from '../../src/server/live/identity.ts';
import { liveWire } from '../../src/server/live/socket-frames.ts';
import { socketRoute } from '../../src/server/live/socket-route.ts';
import { createSockets } from '../../src/server/live/sockets.ts';
import { createLiveStage, type LiveStage } from './live-stage.ts';

export type LiveServerOptions = {
  readonly stage?: LiveStage;
  readonly port?: number;
  readonly origins?: readonly string[];
  readonly connectionsPerAddress?: number;
  readonly identity?: Identity;
  readonly adminKey?: string;
};

export async function startLiveServer({
  stage = createLiveStage(systemClock),
  port = 0,
  origins = [],
  connectionsPerAddress = 0,
  identity = trustingIdentity,
  adminKey = '',
}: LiveServerOptions = {}) {
  const parts = {
    clock: systemClock,
    timers: systemTimers,
    wire: liveWire,
    aliasOf,
    limit: VIEWING_LIMIT,
    tickMs: 50,
    random: createRandom(1),
  };
  const { book, bus, archive } = stage;
  const faults: unknown[] = [];
  const onError = (error: unknown) => faults.push(error);
  const hub = await openHub({ ...parts, bus, archive, onError, read: (id) => book.read(id) });
  const sockets = createSockets({
    hub,
    clock: systemClock,
    timers: systemTimers,
    viewerBufferedBytes: VIEWING_LIMIT.viewerBufferedBytes,
    connectionsPerAddress,
    drainMs: 200,
  });
  async function readItem(itemId: string) {
    const state = await book.read(itemId);
    if (state === null) return null;
    const lens = lensOf(state, PUBLIC, aliasOf);
    return { view: itemView(state, systemClock.nowMs(), lens), lens };
  }
  const forwarded = createForwardedReader([]);
  const pages = createPageAccess(origins);
  const lookerOf = createLookerReader(identity, createAdminGate(adminKey));
  const route = socketRoute({ sockets, live: { readItem }, lookerOf, forwarded, pages });
  const log = { error: onError };
  const server = startServer({
    idleSeconds: 75,
    pages,
    toHttpError: liveError,
    timers: systemTimers,
    hostname: '127.0.0.1',
    port,
    routes: [route],
    log,
    sockets,
  });
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    stage,
    hub,
    faults,
    stop: () => server.stop(2_000),
    async [Symbol.asyncDispose]() {
      await server.stop(0);
      await hub[Symbol.asyncDispose]();
    },
  };
}
