/**
 * The WebSockets of `/ws`: from Bun's sockets to the hub, within limits.
 *
 * Inbound there is nothing to say but `ping`: frames are small and few, or the connection is closed
 * (1009, 1008). Outbound everything is the hub's. Idle connections are pinged and then closed, and a
 * closed one that does not read is cut off. `drain` asks all to come back later and closes them.
 */
import type { ServerWebSocket, WebSocketHandler } from 'bun';
import type { Clock } from '../../core/clock.ts';
import { LIMIT } from '../../core/limit.ts';
import type { Hub, ViewerSocket, Viewing, Watch } from '../../live/live.ts';
import { pongFrame } from './frame.ts';

const IDLE_SECONDS = 60;
const SECOND_MS = 1_000;
const CUT_OFF_MS = 5_000;
/** Far above what the hub lets wait: there Bun drops frames. */
const BACKPRESSURE_BYTES = 16 * LIMIT.viewerBufferedBytes;
const TOO_MANY_FRAMES = 1008;

/** What a connection carries from its request to its end. */
export type Connection = {
  readonly watch: Watch;
  /** Whose it is, for the limit of connections. */
  readonly address: string;
  viewing: Viewing | null;
  secondStartMs: number;
  framesThisSecond: number;
};

export type SocketParts = {
  readonly hub: Pick<Hub, 'join' | 'drain'>;
  readonly clock: Clock;
  /** Most connections of one address at a time; 0 is no limit. */
  readonly connectionsPerAddress: number;
  /** Over how long `drain` spreads its closes. */
  readonly drainMs: number;
};

export type Sockets = {
  readonly handler: WebSocketHandler<Connection>;
  isDraining(): boolean;
  /** Takes a place for a connection of this address, to be upgraded at once; null when all are. */
  admit(watch: Watch, address: string): Connection | null;
  /** Gives the place back when the upgrade did not come about. */
  dismiss(connection: Connection): void;
  drain(): Promise<void>;
};

export function createSockets({
  hub,
  clock,
  connectionsPerAddress,
  drainMs,
}: SocketParts): Sockets {
  const perAddress = new Map<string, number>();
  let isDraining = false;

  function count(address: string, change: 1 | -1): void {
    const connections = (perAddress.get(address) ?? 0) + change;
    if (connections === 0) perAddress.delete(address);
    else perAddress.set(address, connections);
  }

  return {
    handler: {
      maxPayloadLength: LIMIT.viewerFrameBytes,
      backpressureLimit: BACKPRESSURE_BYTES,
      idleTimeout: IDLE_SECONDS,
      sendPings: true,
      perMessageDeflate: false,
      open(ws) {
        ws.data.viewing = hub.join(ws.data.watch, viewerSocket(ws));
      },
      message(ws, message) {
        if (isTooMuch(ws, clock)) return;
        if (message === 'ping') ws.send(pongFrame(clock.nowMs()));
      },
      ping(ws) {
        isTooMuch(ws, clock);
      },
      drain(ws) {
        ws.data.viewing?.drained();
      },
      close(ws) {
        count(ws.data.address, -1);
        ws.data.viewing?.left();
      },
    },
    isDraining: () => isDraining,
    admit(watch, address) {
      const isFull = (perAddress.get(address) ?? 0) >= connectionsPerAddress;
      if (connectionsPerAddress > 0 && isFull) return null;
      count(address, 1);
      const secondStartMs = clock.elapsedMs();
      return { watch, address, viewing: null, secondStartMs, framesThisSecond: 0 };
    },
    dismiss: ({ address }) => count(address, -1),
    drain() {
      isDraining = true;
      return hub.drain(drainMs);
    },
  };
}

function viewerSocket(ws: ServerWebSocket<Connection>): ViewerSocket {
  return {
    send(text) {
      const bytes = ws.send(text);
      if (bytes > 0) return 'sent';
      return bytes === 0 ? 'dropped' : 'queued';
    },
    bufferedBytes: () => ws.getBufferedAmount(),
    close(code, reason) {
      ws.close(code, reason);
      // A peer that does not read would keep what waits for it in memory.
      setTimeout(() => ws.terminate(), CUT_OFF_MS).unref();
    },
  };
}

/** Counts a frame; closes the connection when its second has had too many. */
function isTooMuch(ws: ServerWebSocket<Connection>, clock: Clock): boolean {
  const { data } = ws;
  const nowMs = clock.elapsedMs();
  if (nowMs - data.secondStartMs >= SECOND_MS) {
    data.secondStartMs = nowMs;
    data.framesThisSecond = 0;
  }
  data.framesThisSecond += 1;
  if (data.framesThisSecond <= LIMIT.viewerFramesPerSecond) return false;
  ws.close(TOO_MANY_FRAMES, 'too many frames');
  return true;
}
