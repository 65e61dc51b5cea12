/**
 * The WebSockets of `/ws`: from Bun's sockets to the hub, within limits.
 *
 * Inbound there is nothing to say but `ping`: frames are small and few, or the connection is closed
 * (1009, 1008). Outbound everything is the hub's. Idle connections are pinged and then closed, and a
 * closed one that does not read is cut off. `drain` asks all to come back later and closes them.
 */
import type { ServerWebSocket, WebSocketHandler } from 'bun';
import type { Clock } from '../../core/clock.ts';
import type { Timers } from '../../core/timer.ts';
import type { Hub, ViewerSocket, Viewing, Watch } from '../../live/live.ts';
import { pongFrame } from './socket-frames.ts';

/** Largest frame, and most frames per second, that a viewer may send. */
export const SOCKET_LIMIT = { frameBytes: 4 * 1024, framesPerSecond: 10 } as const;

const IDLE_SECONDS = 60;
const SECOND_MS = 1_000;
const CUT_OFF_MS = 5_000;
/** Far above what the hub lets wait: there Bun drops frames. */
const BACKPRESSURE_FACTOR = 16;
const TOO_MANY_FRAMES = 1008;

/** What a connection carries from its request to its end. */
export type Connection = {
  readonly watch: Watch;
  /** Whose it is, for the limit of connections. */
  readonly address: string;
  viewing: Viewing | null;
  secondStartMs: number;
  framesThisSecond: number;
  /** Calls off what follows when the peer does not answer a close. */
  stopCutOff: () => void;
};

export type SocketParts = {
  readonly hub: Pick<Hub, 'join' | 'drain'>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Bytes that the hub lets wait for one viewer. */
  readonly viewerBufferedBytes: number;
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

export function createSockets(parts: SocketParts): Sockets {
  const { hub, clock, drainMs } = parts;
  const places = createPlaces(parts.connectionsPerAddress);
  let isDraining = false;
  return {
    handler: createHandler(parts, ({ address }) => places.giveBack(address)),
    isDraining: () => isDraining,
    admit: (watch, address) => (places.take(address) ? newConnection(watch, address, clock) : null),
    dismiss: ({ address }) => places.giveBack(address),
    drain() {
      isDraining = true;
      return hub.drain(drainMs);
    },
  };
}

function newConnection(watch: Watch, address: string, clock: Clock): Connection {
  return {
    watch,
    address,
    viewing: null,
    secondStartMs: clock.elapsedMs(),
    framesThisSecond: 0,
    stopCutOff: () => {},
  };
}

function createHandler(
  { hub, clock, timers, viewerBufferedBytes }: SocketParts,
  onClosed: (connection: Connection) => void,
): WebSocketHandler<Connection> {
  return {
    maxPayloadLength: SOCKET_LIMIT.frameBytes,
    backpressureLimit: BACKPRESSURE_FACTOR * viewerBufferedBytes,
    idleTimeout: IDLE_SECONDS,
    sendPings: true,
    perMessageDeflate: false,
    open(ws) {
      ws.data.viewing = hub.join(ws.data.watch, viewerSocket(ws, timers));
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
    close({ data }) {
      onClosed(data);
      data.stopCutOff();
      data.viewing?.left();
    },
  };
}

/** Counts the connections of each address. */
function createPlaces(perAddress: number) {
  const taken = new Map<string, number>();
  const takenBy = (address: string): number => taken.get(address) ?? 0;
  return {
    /** @returns false when the address has all that it may have. */
    take(address: string): boolean {
      const connections = takenBy(address);
      if (perAddress > 0 && connections >= perAddress) return false;
      taken.set(address, connections + 1);
      return true;
    },
    giveBack(address: string): void {
      const connections = takenBy(address) - 1;
      if (connections === 0) taken.delete(address);
      else taken.set(address, connections);
    },
  };
}

function viewerSocket(ws: ServerWebSocket<Connection>, timers: Timers): ViewerSocket {
  return {
    send(text) {
      const bytes = ws.send(text);
      if (bytes > 0) return 'sent';
      return bytes === 0 ? 'dropped' : 'queued';
    },
    bufferedBytes: () => ws.getBufferedAmount(),
    close(code, reason) {
      // A peer that does not read would keep what waits for it in memory.
      ws.data.stopCutOff = timers.after(CUT_OFF_MS, () => ws.terminate());
      ws.close(code, reason);
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
  if (data.framesThisSecond <= SOCKET_LIMIT.framesPerSecond) return false;
  ws.close(TOO_MANY_FRAMES, 'too many frames');
  return true;
}
