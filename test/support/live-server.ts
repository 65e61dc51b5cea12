/** A real server with the hub behind it, over a stage in memory. */
import { systemClock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { viewOf } from '../../src/live/rule/view.ts';
import { openHub } from '../../src/live/viewing/hub.ts';
import { createForwardedReader } from '../../src/server/http/client-address.ts';
import { startServer } from '../../src/server/http/server.ts';
import { liveError } from '../../src/server/live/error.ts';
import { liveWire } from '../../src/server/live/frame.ts';
import { createSockets } from '../../src/server/live/socket.ts';
import { socketRoute } from '../../src/server/live/socket-route.ts';
import { createLiveStage, type LiveStage } from './live-stage.ts';

export type LiveServerOptions = {
  readonly stage?: LiveStage;
  readonly port?: number;
  readonly origins?: readonly string[];
  readonly connectionsPerAddress?: number;
};

export async function startLiveServer({
  stage = createLiveStage(systemClock),
  port = 0,
  origins = [],
  connectionsPerAddress = 0,
}: LiveServerOptions = {}) {
  const parts = {
    clock: systemClock,
    timers: systemTimers,
    wire: liveWire,
    tickMs: 50,
    random: createRandom(1),
  };
  const { book, bus, archive } = stage;
  const faults: unknown[] = [];
  const onError = (error: unknown) => faults.push(error);
  const hub = await openHub({ ...parts, bus, archive, onError, read: (id) => book.read(id) });
  const sockets = createSockets({ hub, clock: systemClock, connectionsPerAddress, drainMs: 200 });
  async function readItem(itemId: string) {
    const state = await book.read(itemId);
    if (state === null) return null;
    return { view: viewOf(state, systemClock.nowMs()), masksBidders: state.policy.maskBidders };
  }
  const forwarded = createForwardedReader([]);
  const route = socketRoute({ sockets, live: { readItem }, forwarded, origins });
  const server = startServer({
    hostname: '127.0.0.1',
    port,
    routes: [route],
    toHttpError: liveError,
    timers: systemTimers,
    log: { error: onError },
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
