/**
 * Many viewers of one item in one process, on raw sockets: it counts frames and the events in them.
 *
 * Runs as its own process, on the load's core: `viewers.ts URL ITEM COUNT`. It prints `{"ready":N}`
 * when all viewers have the item and, per line on its standard input, the counts since the previous
 * line. A gap is an event that does not follow the viewer's last one. Lag is from the event's own
 * timestamp (the server's clock, this machine) to the socket.
 */
const [url = '', item = '', countText = '0'] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const count = Number(countText);

const FRAME_HEAD = 2;
const EXTENDED_16 = 126;
const EXTENDED_64 = 127;
const OPEN_AT_ONCE = 100;
const AGAIN_AFTER_MS = 200;
const SWITCHING = 'HTTP/1.1 101 ';
const NOTHING_SEEN = -1;
const WELCOMED_WITHIN_MS = 60_000;

let frames = 0;
let events = 0;
let gaps = 0;
let lags: number[] = [];
let connected = 0;
let welcomed = 0;

type Viewer = { rest: Buffer; isOpen: boolean; seq: number };

/** The same broadcast reaches every viewer as equal bytes: it is read once. */
let lastPayload = Buffer.alloc(0);
let lastEvents = 0;
let lastAtMs = 0;
let lastSpan: Span | null = null;

function readPayload(viewer: Viewer, payload: Buffer): void {
  frames++;
  if (!payload.equals(lastPayload)) {
    lastPayload = Buffer.from(payload);
    const frame = JSON.parse(payload.toString()) as Frame;
    const bids = (frame.events ?? [frame]).filter(({ type }) => type === 'bid');
    lastEvents = bids.length;
    lastAtMs = Date.parse(bids[0]?.timestamp ?? '');
    lastSpan = spanOf(frame);
  }
  events += lastEvents;
  if (lastSpan !== null) {
    if (viewer.seq === NOTHING_SEEN) welcomed++;
    if (!lastSpan.isSnapshot && lastSpan.first !== viewer.seq + 1) gaps++;
    viewer.seq = lastSpan.last;
  }
  // One in sixteen is enough for percentiles and leaves the core to the sockets.
  if (lastEvents > 0 && frames % 16 === 0) lags.push(Date.now() - lastAtMs);
}

type Frame = { type?: string; timestamp?: string; seq?: number; events?: Frame[] };

type Span = { readonly isSnapshot: boolean; readonly first: number; readonly last: number };

/** The seqs in a frame; null when there are none. */
function spanOf(frame: Frame): Span | null {
  const first = (frame.events?.[0] ?? frame).seq;
  const last = (frame.events?.at(-1) ?? frame).seq;
  if (first === undefined || last === undefined) return null;
  return { isSnapshot: frame.type === 'snapshot', first, last };
}

/** @returns whether the server accepted the viewer, as far as known. */
function readFrames(viewer: Viewer, chunk: Buffer): boolean {
  let data = viewer.rest.length === 0 ? chunk : Buffer.concat([viewer.rest, chunk]);
  if (!viewer.isOpen) {
    const end = data.indexOf('\r\n\r\n');
    if (end === -1) {
      viewer.rest = Buffer.from(data);
      return true;
    }
    if (!data.toString('latin1', 0, end).startsWith(SWITCHING)) return false;
    viewer.isOpen = true;
    connected++;
    data = data.subarray(end + 4);
  }
  let place = 0;
  for (;;) {
    const frame = frameAt(data, place);
    if (frame === undefined) break;
    if (frame.opcode === 1) readPayload(viewer, data.subarray(frame.start, frame.end));
    place = frame.end;
  }
  viewer.rest = place === data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(place));
  return true;
}

function frameAt(data: Buffer, place: number) {
  if (place + FRAME_HEAD > data.length) return undefined;
  const opcode = (data[place] ?? 0) & 0x0f;
  let length = (data[place + 1] ?? 0) & 0x7f;
  let start = place + FRAME_HEAD;
  if (length === EXTENDED_16) {
    if (start + 2 > data.length) return undefined;
    length = data.readUInt16BE(start);
    start += 2;
  } else if (length === EXTENDED_64) {
    if (start + 8 > data.length) return undefined;
    length = Number(data.readBigUInt64BE(start));
    start += 8;
  }
  return start + length > data.length ? undefined : { opcode, start, end: start + length };
}

async function open(): Promise<void> {
  await Bun.connect<Viewer>({
    hostname,
    port: Number(port),
    socket: {
      open(socket) {
        socket.data = { rest: Buffer.alloc(0), isOpen: false, seq: NOTHING_SEEN };
        socket.write(
          `GET /ws?item_id=${item} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\n` +
            'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        );
      },
      data(socket, chunk) {
        if (readFrames(socket.data, chunk)) return;
        socket.end();
        setTimeout(open, AGAIN_AFTER_MS);
      },
    },
  });
}

function report(): object {
  const sorted = lags.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const result = { connected, frames, events, gaps, lagP50Ms: at(0.5), lagP99Ms: at(0.99) };
  frames = 0;
  events = 0;
  gaps = 0;
  lags = [];
  return result;
}

const endMs = performance.now() + WELCOMED_WITHIN_MS;
for (let opened = 0; opened < count && performance.now() < endMs; ) {
  const atOnce = Math.min(OPEN_AT_ONCE, count - opened);
  await Promise.all(Array.from({ length: atOnce }, open));
  opened += atOnce;
  while (welcomed < opened && performance.now() < endMs) await Bun.sleep(5);
}
if (welcomed < count) throw new Error(`${welcomed} of ${count} viewers were shown the item`);
console.log(JSON.stringify({ ready: connected }));
for await (const _line of console) console.log(JSON.stringify(report()));
process.exit(0);

export {};
