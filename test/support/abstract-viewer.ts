/** A viewer's socket that keeps its frames and can be made slow. */
import type { SendStatus, ViewerSocket } from '../../src/live/viewing/viewer.ts';

export type Frame = {
  readonly type: string;
  readonly seq: number;
  readonly recovered?: boolean;
  readonly events?: readonly Frame[];
  readonly [field: string]: unknown;
};

export type AbstractViewer = ViewerSocket & {
  /** Sets the answer of `send` from now on, and the buffered bytes. */
  answer: SendStatus;
  buffered: number;
  closedWith: number | null;
  readonly texts: readonly string[];
  /** The frames since the last call, without those of watchers. */
  frames(): Frame[];
  /** The frames of watchers since the last call. */
  watcherFrames(): Frame[];
};

export function createAbstractViewer(): AbstractViewer {
  const texts: string[] = [];
  let shown: Frame[] = [];
  let counts: Frame[] = [];
  return {
    answer: 'sent',
    buffered: 0,
    closedWith: null,
    texts,
    send(text) {
      if (this.answer === 'dropped') return 'dropped';
      texts.push(text);
      const frame = JSON.parse(text) as Frame;
      (frame.type === 'watchers' ? counts : shown).push(frame);
      return this.answer;
    },
    bufferedBytes() {
      return this.buffered;
    },
    close(code) {
      this.closedWith = code;
    },
    frames() {
      const frames = shown;
      shown = [];
      return frames;
    },
    watcherFrames() {
      const frames = counts;
      counts = [];
      return frames;
    },
  };
}

/** `snapshot 3`, `2`, `[4 5]`, `lost[9]` or `resumed[1 2]` per frame. */
export function inShort(frames: readonly Frame[]): string {
  return frames.map(oneInShort).join(' ');
}

function oneInShort({ type, seq, recovered, events }: Frame): string {
  const word = recovered === undefined ? '' : recovered ? 'resumed' : 'lost';
  if (type === 'snapshot') return `${word === '' ? '' : 'lost-'}snapshot${seq}`;
  if (events === undefined) return type === 'bid' ? `${seq}` : `${type}${seq}`;
  return `${word}[${events.map((event) => event.seq).join(' ')}]`;
}
