import { describe, expect, test } from 'bun:test';
import type { ServerWebSocket } from 'bun';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import type { ViewerSocket, Watch } from '../../live/live.ts';
import { PUBLIC } from '../../live/rule/view.ts';
import { type Connection, createSockets, SOCKET_LIMIT } from './sockets.ts';

const WATCH: Watch = { itemId: 'L1', resume: null, looker: PUBLIC, mode: 'all' };
const CUT_OFF_MS = 5_000;
const SECOND_MS = 1_000;

/** Sockets over a hub that keeps what it is given. */
function createScene({ connectionsPerAddress = 0 } = {}) {
  const time = createManualTime();
  const joined: ViewerSocket[] = [];
  const left: Watch[] = [];
  const sockets = createSockets({
    hub: {
      join(watch, socket) {
        joined.push(socket);
        return { drained() {}, left: () => left.push(watch) };
      },
      drain: async () => {},
    },
    clock: time.clock,
    timers: time.timers,
    viewerBufferedBytes: 1_000,
    connectionsPerAddress,
    drainMs: 0,
  });

  /** An open connection, and what Bun was asked to do with it. */
  function open() {
    const connection = sockets.admit(WATCH, 'one address');
    if (connection === null) throw new Error('not admitted');
    const calls: string[] = [];
    const socket: Partial<ServerWebSocket<Connection>> = {
      data: connection,
      send: (text) => calls.push(String(text)),
      close: (code) => calls.push(`close ${code}`),
      terminate: () => calls.push('terminate'),
    };
    const ws = socket as ServerWebSocket<Connection>;
    sockets.handler.open?.(ws);
    const viewer = joined.at(-1);
    if (viewer === undefined) throw new Error('not joined');
    const receive = (text: string) => sockets.handler.message?.(ws, text);
    return { calls, viewer, receive, closed: () => sockets.handler.close?.(ws, 1000, '') };
  }

  return { ...time, sockets, left, open };
}

describe('a connection that was closed', () => {
  test('is cut off when its peer does not answer', () => {
    const { open, advance } = createScene();
    const { viewer, calls } = open();
    viewer.close(4008, 'too slow');
    advance(CUT_OFF_MS - 1);
    expect(calls).toEqual(['close 4008']);
    advance(1);
    expect(calls).toEqual(['close 4008', 'terminate']);
  });

  test('is not when its peer does', () => {
    const { open, advance, left } = createScene();
    const { viewer, calls, closed } = open();
    viewer.close(4008, 'too slow');
    closed();
    advance(2 * CUT_OFF_MS);
    expect(calls).toEqual(['close 4008']);
    expect(left).toEqual([WATCH]);
  });
});

describe('an address', () => {
  test('has as many connections as it may, and one again for each that ends', () => {
    const { sockets, open } = createScene({ connectionsPerAddress: 2 });
    const first = open();
    open();
    expect(sockets.admit(WATCH, 'one address')).toBeNull();
    expect(sockets.admit(WATCH, 'another')).not.toBeNull();
    first.closed();
    const again = sockets.admit(WATCH, 'one address');
    if (again === null) throw new Error('not admitted');
    expect(sockets.admit(WATCH, 'one address')).toBeNull();
    sockets.dismiss(again);
    expect(sockets.admit(WATCH, 'one address')).not.toBeNull();
  });
});

describe('what a viewer sends', () => {
  test('is bounded per second', () => {
    const { open, advance } = createScene();
    const { calls, receive } = open();
    for (let second = 0; second < 2; second++) {
      for (let sent = 0; sent < SOCKET_LIMIT.framesPerSecond; sent++) receive('hello');
      expect(calls).toEqual([]);
      advance(SECOND_MS);
    }
    for (let sent = 0; sent < SOCKET_LIMIT.framesPerSecond; sent++) receive('hello');
    advance(SECOND_MS - 1);
    receive('hello');
    expect(calls).toEqual(['close 1008']);
  });

  test('is answered when it is a ping, and only then', () => {
    const { open } = createScene();
    const { calls, receive } = open();
    receive('hello');
    receive('ping');
    expect(calls).toHaveLength(1);
    expect(JSON.parse(calls[0] ?? '')).toMatchObject({ type: 'pong' });
  });
});
