/**
 * A viewer that records every frame for the checker, and reconnects when it is cut off.
 *
 * Unlike the client it hides nothing: it keeps a repeated event and one after a gap as they came. A
 * snapshot in answer to a resume may admit a loss; one that does not is counted.
 */
import { type EventFrame, type Frame, readFrame } from '../../src/client/frame.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Viewer, ViewerFrame } from '../../test/checker/history.ts';

const OPEN_WITHIN_MS = 2_000;
const PAUSE_MS = { low: 100, high: 500 };

export type Witness = Disposable & {
  readonly itemId: string;
  lastSeq(): number;
  /** Jumps at a resume that were not admitted. */
  silentJumps(): number;
  /** Connections that were opened. */
  connections(): number;
  seen(): Viewer;
};

export function openWitness(url: string, itemId: string, number: number): Witness {
  const random = createRandom(number);
  const frames: ViewerFrame[] = [];
  let place: { since: number; epoch: string } | null = null;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let connections = 0;
  let silentJumps = 0;
  let isResuming = false;

  function connect(): void {
    const opened = new WebSocket(addressOf(url, itemId, place));
    socket = opened;
    timer = setTimeout(() => comeBack(opened), OPEN_WITHIN_MS);
    opened.onopen = () => {
      clearTimeout(timer);
      connections++;
      isResuming = place !== null;
    };
    opened.onmessage = ({ data }) => {
      const frame = readFrame(data);
      if (socket === opened && frame !== undefined) take(frame);
    };
    opened.onclose = () => comeBack(opened);
  }

  function comeBack(left: WebSocket): void {
    if (socket !== left) return;
    clearTimeout(timer);
    socket = null;
    left.close();
    timer = setTimeout(connect, random.integer(PAUSE_MS.low, PAUSE_MS.high));
  }

  function take(frame: Frame): void {
    switch (frame.type) {
      case 'snapshot':
        if (isResuming && frame.recovered !== false && frame.seq > (place?.since ?? 0)) {
          silentJumps++;
        }
        frames.push({ kind: 'snapshot', seq: frame.seq });
        moveTo(frame);
        break;
      case 'events':
        if (frame.recovered !== undefined) {
          frames.push({ kind: 'resumed', recovered: frame.recovered });
        }
        see(frame.events);
        break;
      case 'bid':
      case 'retract':
      case 'close':
        see([frame]);
        break;
    }
  }

  function see(events: readonly EventFrame[]): void {
    frames.push({
      kind: 'events',
      events: events.map(({ seq, event_id: eventId }) => ({ seq, eventId })),
    });
    const last = events.at(-1);
    if (last !== undefined) moveTo(last);
  }

  function moveTo({ seq, epoch }: { readonly seq: number; readonly epoch: string }): void {
    isResuming = false;
    place = { since: seq, epoch };
  }

  connect();
  return {
    itemId,
    lastSeq: () => place?.since ?? 0,
    silentJumps: () => silentJumps,
    connections: () => connections,
    seen: () => ({ name: `${number}`, fromSeq: 0, latestOnly: false, frames }),
    [Symbol.dispose]() {
      clearTimeout(timer);
      const open = socket;
      socket = null;
      open?.close();
    },
  };
}

function addressOf(
  url: string,
  itemId: string,
  place: { readonly since: number; readonly epoch: string } | null,
): string {
  const target = new URL('/ws', url.replace(/^http/, 'ws'));
  target.searchParams.set('item_id', itemId);
  if (place !== null) {
    target.searchParams.set('since', String(place.since));
    target.searchParams.set('epoch', place.epoch);
  }
  return target.href;
}
