/**
 * Watches one item of a Gavel server, from a browser or from Bun.
 *
 * It reconnects by itself with growing random pauses and resumes where it was: each event is given
 * once, by strictly rising seq, and one that follows a loss is marked as a gap. An item has ended when
 * its close event says so, never by a local clock; `stalenessMs` says how old the picture may be. A
 * quiet connection is pinged, and given up when nothing comes back.
 */
import { createRandom, type Random } from '../core/random.ts';
import { backoffMs } from './backoff.ts';
import { type Frame, readFrame } from './frame.ts';
import { createSequence, type Shown } from './sequence.ts';

export type WatchState = 'connecting' | 'open' | 'waiting' | 'closed';

export type WatchOptions = Shown & {
  /** Of the server, such as `wss://auctions.example`. */
  readonly url: string;
  readonly itemId: string;
  onState?(state: WatchState): void;
  onWatchers?(watchers: number): void;
  /** Draws the pauses; chance of the engine when absent. */
  readonly random?: Random;
};

export type ItemWatch = {
  /** Time since the last frame; since the start when none came yet. */
  stalenessMs(): number;
  close(): void;
};

const PING_AFTER_MS = 10_000;
const GIVE_UP_AFTER_MS = 30_000;

export function watchItem(options: WatchOptions): ItemWatch {
  const random = options.random ?? engineRandom();
  const sequence = createSequence(options);
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastFrameAtMs = performance.now();
  let failures = 0;
  let askedPauseMs: number | null = null;
  const stalenessMs = () => performance.now() - lastFrameAtMs;

  function connect(): void {
    options.onState?.('connecting');
    const opened = new WebSocket(address(options, sequence.place()));
    socket = opened;
    const startedAtMs = performance.now();
    opened.onopen = () => options.onState?.('open');
    opened.onmessage = ({ data }) => {
      if (socket === opened) receive(readFrame(data));
    };
    opened.onclose = () => {
      if (socket === opened) comeBack();
    };
    watchQuiet(opened, startedAtMs);
  }

  function watchQuiet(opened: WebSocket, startedAtMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (Math.min(stalenessMs(), performance.now() - startedAtMs) >= GIVE_UP_AFTER_MS) {
        opened.close();
        comeBack();
        return;
      }
      if (opened.readyState === WebSocket.OPEN) opened.send('ping');
      watchQuiet(opened, startedAtMs);
    }, PING_AFTER_MS);
  }

  function receive(frame: Frame | undefined): void {
    if (frame === undefined) return;
    lastFrameAtMs = performance.now();
    failures = 0;
    if (frame.type === 'reconnect') askedPauseMs = frame.after_ms;
    else if (frame.type === 'watchers') options.onWatchers?.(frame.watchers);
    else sequence.take(frame);
  }

  function comeBack(): void {
    socket = null;
    failures += 1;
    options.onState?.('waiting');
    clearTimeout(timer);
    timer = setTimeout(connect, askedPauseMs ?? backoffMs(failures, random));
    askedPauseMs = null;
  }

  connect();
  return {
    stalenessMs,
    close() {
      clearTimeout(timer);
      const open = socket;
      socket = null;
      open?.close();
      options.onState?.('closed');
    },
  };
}

function address({ url, itemId, mode }: WatchOptions, place: Place): string {
  const target = new URL('/ws', url);
  target.searchParams.set('item_id', itemId);
  if (mode !== undefined) target.searchParams.set('mode', mode);
  if (place !== null) {
    target.searchParams.set('since', String(place.since));
    target.searchParams.set('epoch', place.epoch);
  }
  return target.href;
}

type Place = { readonly since: number; readonly epoch: string } | null;

function engineRandom(): Random {
  const [seed = 1] = crypto.getRandomValues(new Uint32Array(1));
  return createRandom(seed);
}
