/**
 * Watches one item of a Gavel server, from a browser or from Bun.
 *
 * It reconnects by itself with growing random pauses and resumes where it was: it passes each event
 * on once, by strictly rising seq, and marks one that follows a loss as a gap. An item ends with
 * its close event, never by a local clock; `stalenessMs` is how old the picture may be. A quiet
 * connection is pinged, and dropped when no answer comes.
 */
import { createBackoff } from '../core/backoff.ts';
import { systemClock } from '../core/clock.ts';
import { createRandom, type Random } from '../core/random.ts';
import { systemTimers } from '../core/timer.ts';
import { type Frame, readFrame } from './frame.ts';
import { createSequence, type Shown } from './sequence.ts';

export type WatchState = 'connecting' | 'open' | 'waiting' | 'closed';

export type WatchOptions = Shown & {
  /** The URL of the server, such as `wss://auctions.example`. */
  readonly url: string;
  readonly itemId: string;
  onState?(state: WatchState): void;
  onWatchers?(watchers: number): void;
  /** Draws the pauses; an unseeded source when absent. */
  readonly random?: Random;
};

export type ItemWatch = {
  /** Time since the last frame, or since the start before the first. */
  stalenessMs(): number;
  close(): void;
};

const PING_AFTER_MS = 10_000;
const GIVE_UP_AFTER_MS = 30_000;
/** The first and the longest pause before a reconnect. */
const PAUSE = { firstMs: 250, longestMs: 15_000 };

export function watchItem(options: WatchOptions): ItemWatch {
  const backoff = createBackoff({ ...PAUSE, random: options.random ?? engineRandom() });
  const sequence = createSequence(options);
  let socket: WebSocket | null = null;
  let callOff = () => {};
  let lastFrameAtMs = systemClock.elapsedMs();
  let askedPauseMs: number | null = null;
  const stalenessMs = () => systemClock.elapsedMs() - lastFrameAtMs;

  function connect(): void {
    const opened = new WebSocket(address(options, sequence.place()));
    socket = opened;
    const startedAtMs = systemClock.elapsedMs();
    opened.onopen = () => options.onState?.('open');
    opened.onmessage = ({ data }) => {
      if (socket === opened) receive(readFrame(data));
    };
    opened.onclose = () => {
      if (socket === opened) comeBack();
    };
    watchQuiet(opened, startedAtMs);
    options.onState?.('connecting');
  }

  function watchQuiet(opened: WebSocket, startedAtMs: number): void {
    callOff();
    callOff = systemTimers.after(PING_AFTER_MS, () => {
      if (Math.min(stalenessMs(), systemClock.elapsedMs() - startedAtMs) >= GIVE_UP_AFTER_MS) {
        opened.close();
        comeBack();
        return;
      }
      if (opened.readyState === WebSocket.OPEN) opened.send('ping');
      watchQuiet(opened, startedAtMs);
    });
  }

  function receive(frame: Frame | undefined): void {
    if (frame === undefined) return;
    lastFrameAtMs = systemClock.elapsedMs();
    backoff.reset();
    if (frame.type === 'reconnect') askedPauseMs = frame.after_ms;
    else if (frame.type === 'watchers') options.onWatchers?.(frame.watchers);
    else sequence.take(frame);
  }

  function comeBack(): void {
    socket = null;
    callOff();
    callOff = systemTimers.after(askedPauseMs ?? backoff.nextMs(), connect);
    askedPauseMs = null;
    // Last, because who hears of it may close the watch.
    options.onState?.('waiting');
  }

  connect();
  return {
    stalenessMs,
    close() {
      callOff();
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
