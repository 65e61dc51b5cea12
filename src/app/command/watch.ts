/**
 * Watching an item from the command line: the snapshot and every event, until enough or the close.
 *
 * Before the first frame it does not try for ever: a server that is away, is another one or refuses
 * ends it within seconds, with the reason. After the first frame a lost connection is taken up again.
 */

import { type ItemWatch, watchItem } from '../../client/watch-item.ts';
import { systemTimers } from '../../core/timer.ts';
import { type Handshake, refusalOf } from './handshake.ts';

const MOST_TRIES = 3;
/** For a server that takes the connection and says nothing. */
const FIRST_FRAME_MS = 10_000;
const MS_PER_SECOND = 1000;
const SCHEMES = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' } as const;

export type WatchOrder = Handshake & {
  /** Ends after so many events; null watches until the close event. */
  readonly events: number | null;
  readonly onFrame: (frame: object) => void;
  /** How long the first frame may take. */
  readonly firstFrameMs?: number;
};

/**
 * Resolves when the item has closed or enough events were shown.
 * @throws Error with one sentence when the item cannot be watched
 */
export async function watch(order: WatchOrder): Promise<void> {
  const url = socketUrl(order.url);
  const cause = await watchFrames(order, url);
  if (cause === null) return;
  const reason = (await refusalOf(order)) ?? cause;
  throw new Error(`cannot watch ${order.itemId} at ${order.url}: ${reason}`);
}

/** @returns null after the end, or why there was no first frame. */
function watchFrames(order: WatchOrder, url: string): Promise<string | null> {
  const { itemId, events, onFrame, firstFrameMs = FIRST_FRAME_MS } = order;
  return new Promise((resolve) => {
    let left = events ?? Number.POSITIVE_INFINITY;
    let triesLeft: number = MOST_TRIES;
    let watching: ItemWatch | null = null;
    const end = (cause: string | null) => {
      callOff();
      watching?.close();
      resolve(cause);
    };
    const callOff = systemTimers.after(firstFrameMs, () => {
      end(`no frame came within ${firstFrameMs / MS_PER_SECOND} s`);
    });
    const show = (frame: object, isLast: () => boolean) => {
      triesLeft = Number.POSITIVE_INFINITY;
      callOff();
      onFrame(frame);
      if (isLast()) end(null);
    };
    watching = watchItem({
      url,
      itemId,
      onState: (state) => {
        if (state === 'waiting' && --triesLeft === 0) end('the connection ends at once');
      },
      onSnapshot: (frame) => show(frame, () => left === 0 || frame.item['status'] === 'ended'),
      onEvent: (frame) => show(frame, () => --left <= 0 || frame.type === 'close'),
    });
  });
}

/** @throws Error for what is no address of a server */
function socketUrl(text: string): string {
  const url = URL.parse(text);
  const scheme = Object.entries(SCHEMES).find(([name]) => name === url?.protocol)?.[1];
  if (url === null || scheme === undefined) {
    throw new Error(`--url "${text}": expected http://host:port or https://host:port`);
  }
  return text.replace(/^\w+:/, scheme);
}
