import { expect, test } from 'bun:test';
import { VIEWING_LIMIT } from '../../src/live/viewing/limit.ts';
import { SOCKET_LIMIT } from '../../src/server/live/sockets.ts';
import { type Frame, inShort } from '../support/abstract-viewer.ts';
import { type LiveServerOptions, startLiveServer } from '../support/live-server.ts';
import { openRawSocket } from '../support/raw-socket.ts';

async function start(options: LiveServerOptions = {}) {
  const server = await startLiveServer(options);
  await server.stage.open();
  return server;
}

type Watching = {
  readonly socket: WebSocket;
  next(): Promise<Frame>;
  readonly closed: Promise<number>;
};

/** A viewer on Bun's own client; frames of watchers are left out. */
function watch(url: string, query = 'item_id=L1'): Watching {
  const socket = new WebSocket(`${url}/ws?${query}`);
  const frames: Frame[] = [];
  const waiting: ((frame: Frame) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type === 'watchers') return;
    const taker = waiting.shift();
    if (taker === undefined) frames.push(frame);
    else taker(frame);
  };
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  const next = () => {
    const frame = frames.shift();
    return frame === undefined
      ? new Promise<Frame>((resolve) => waiting.push(resolve))
      : Promise.resolve(frame);
  };
  return { socket, next, closed };
}

/** What a handshake is answered when it is refused. */
async function refusal(url: string, query: string, headers: Record<string, string> = {}) {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const reply = await fetch(`${url}/ws?${query}`, { headers: { ...upgrade, ...headers } });
  const body = (await reply.json()) as { error: string };
  return `${reply.status} ${body.error}`;
}

test('a viewer gets a snapshot, then every bid, then the close', async () => {
  await using server = await start();
  const viewer = watch(server.url);
  expect(inShort([await viewer.next()])).toBe('snapshot0');
  await server.stage.bid('ann', 50);
  expect(await viewer.next()).toMatchObject({ type: 'bid', user_id: 'ann', amount: 50, seq: 1 });
  await server.stage.close();
  expect(await viewer.next()).toMatchObject({
    type: 'close',
    winner_id: 'ann',
    current_bid: 50,
    seq: 2,
  });
});

test('a viewer resumes from what it saw', async () => {
  await using server = await start();
  const first = watch(server.url);
  await first.next();
  await server.stage.bid('ann', 50);
  await server.stage.bid('ben', 60);
  expect(inShort([await first.next(), await first.next()])).toBe('1 2');
  const again = watch(server.url, 'item_id=L1&since=1&epoch=epoch1');
  expect(inShort([await again.next()])).toBe('resumed[2]');
});

test('a handshake that asks for nothing sensible is refused as every request is', async () => {
  await using server = await start();
  expect(await refusal(server.url, '')).toBe('400 invalid_request');
  expect(await refusal(server.url, 'item_id=a%20b')).toBe('400 invalid_request');
  expect(await refusal(server.url, 'item_id=L1&mode=some')).toBe('400 invalid_request');
  expect(await refusal(server.url, 'item_id=L1&since=-1&epoch=e')).toBe('400 invalid_request');
  expect(await refusal(server.url, 'item_id=L2')).toBe('404 item_not_found');
  expect((await fetch(`${server.url}/ws?item_id=L1`)).status).toBe(426);
  expect(server.hub.counts().viewers).toBe(0);
});

test('pages of other origins may not connect', async () => {
  await using server = await start();
  const origin = 'https://evil.example';
  expect(await refusal(server.url, 'item_id=L1', { origin })).toBe('403 forbidden');
  await using listed = await start({ origins: ['https://auctions.example'] });
  expect(await refusal(listed.url, 'item_id=L1', { origin })).toBe('403 forbidden');
  const headers = { origin: 'https://auctions.example' };
  const socket = new WebSocket(`${listed.url}/ws?item_id=L1`, { headers });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
});

test('an address has no more connections than it may, and gets one back when it closes one', async () => {
  await using server = await start({ connectionsPerAddress: 2 });
  const [first, second] = [watch(server.url), watch(server.url)];
  await Promise.all([first.next(), second.next()]);
  expect(await refusal(server.url, 'item_id=L1')).toBe('429 too_many_connections');
  first.socket.close();
  await first.closed;
  expect((await watch(server.url).next()).type).toBe('snapshot');
});

test('a ping is answered, and too many frames in a second close the connection', async () => {
  await using server = await start();
  const viewer = watch(server.url);
  await viewer.next();
  viewer.socket.send('ping');
  expect((await viewer.next()).type).toBe('pong');
  for (let sent = 0; sent < SOCKET_LIMIT.framesPerSecond; sent++) viewer.socket.send('hello');
  expect(await viewer.closed).toBe(1008);
});

test('an oversize frame closes the connection', async () => {
  await using server = await start();
  const viewer = watch(server.url);
  await viewer.next();
  viewer.socket.send('x'.repeat(SOCKET_LIMIT.frameBytes + 1));
  await viewer.closed;
  await server.stage.bid('ann', 50);
  expect((await watch(server.url).next()).seq).toBe(1);
});

test('a stop tells viewers to come back, closes them with 1012 and takes no new ones', async () => {
  await using server = await start();
  const viewers = [watch(server.url), watch(server.url), watch(server.url)];
  for (const viewer of viewers) await viewer.next();
  const stopped = server.stop();
  expect(await refusal(server.url, 'item_id=L1')).toBe('503 draining');
  for (const viewer of viewers) {
    expect((await viewer.next()).type).toBe('reconnect');
    expect(await viewer.closed).toBe(1012);
  }
  await stopped;
});

test(
  'a client that does not read is skipped, then closed with 4008, and holds up nobody',
  async () => {
    await using server = await start();
    const stuck = await openRawSocket(server.port, '/ws?item_id=L1');
    await stuck.until((text) => text.includes('"snapshot"'));
    stuck.stopReading();
    const quick = watch(server.url, 'item_id=L1&mode=latest');
    await quick.next();
    let amount = 50;
    while (server.hub.counts().viewers > 1) {
      for (let bid = 0; bid < 250; bid++, amount += 10) {
        await server.stage.decide(bid % 2 === 0 ? 'ann' : 'ben', amount);
      }
      await server.stage.relay();
      await quick.next();
    }
    stuck.readAgain();
    await stuck.closed;
    // A close frame (0x88) with two bytes of code, 4008.
    expect(stuck.received()).toContain('\x0f\xa8too slow');
  },
  VIEWING_LIMIT.viewerStuckMs + 30_000,
);

test('a bad Host is refused as on every route', async () => {
  await using server = await startLiveServer();
  const headers = { host: '[' };
  const response = await fetch(`${server.url}/ws?item_id=L1`, { headers });
  expect(response.status).toBe(400);
  expect(server.faults).toEqual([]);
});
