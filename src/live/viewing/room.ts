/** One watched item: its audience, its newest events, and the loops that bring these to those. */
import { LIMIT } from '../../core/limit.ts';
import type { Archive } from '../port/item-archive.ts';
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { type Audience, createAudience } from './audience.ts';
import { createFeed } from './feed.ts';
import { createFrames, type Frames } from './frames.ts';
import { createPacer, type PacerParts } from './pacer.ts';
import { createRecent, type Recent } from './recent.ts';
import type { Wire } from './viewer.ts';
import { writeEvent } from './write-event.ts';

export type RoomParts = PacerParts & {
  readonly wire: Wire;
  readonly archive: Archive;
  /** The item as the book has it: at least as new as anything that the bus has brought. */
  read(itemId: string): Promise<ItemState | null>;
  onError(error: unknown): void;
};

export type Room = {
  readonly audience: Audience;
  readonly recent: Recent;
  readonly frames: Frames;
  /** The state that `recent` began with; null until the first read. */
  item(): ItemState | null;
  /** Up to where the audience has been sent. */
  sentSeq(): number;
  /** Reads the item now, once for all that ask at the same time. The first read starts the room. */
  read(): Promise<ItemState | null>;
  take(events: readonly ItemEvent[]): void;
  /** The bus may have lost events: reads the item, and sees to it that the room comes as far. */
  verify(): Promise<void>;
  end(): void;
};

export function createRoom(itemId: string, parts: RoomParts): Room {
  const audience = createAudience(parts.clock);
  const recent = createRecent(LIMIT.roomEvents);
  const watchers = () => audience.viewers.size;
  const frames = createFrames({ clock: parts.clock, wire: parts.wire, recent, watchers });
  let item: ItemState | null = null;
  let sentSeq = 0;
  /** In the middle of a batch: it goes out as one. */
  let isTaking = false;
  const pacer = createPacer(parts, flush);

  function flush(): void {
    if (item === null || recent.head() === sentSeq) return;
    const broadcast = frames.broadcast(item, sentSeq);
    for (const viewer of audience.viewers) audience.show(viewer, broadcast);
    sentSeq = recent.head();
  }

  function onEvent(event: ItemEvent): void {
    if (item === null) return;
    recent.push(writeEvent(event, { item, wire: parts.wire }));
    if (recent.head() - sentSeq >= LIMIT.frameEvents) pacer.now();
    else if (!isTaking) pacer.wish();
  }

  function onRestart(state: ItemState): void {
    pacer.end();
    flush();
    item = state;
    recent.restart(state.seq);
    sentSeq = state.seq;
    const text = frames.snapshot(state, false);
    for (const viewer of audience.viewers) {
      if (viewer.lastSeq !== null) audience.send(viewer, text, state.seq);
    }
  }

  const read = shared(async () => {
    const state = await parts.read(itemId);
    if (state !== null && state.epoch !== item?.epoch) feed.restart(state);
    return state;
  });
  const { archive, timers, onError } = parts;
  const feed = createFeed(itemId, { archive, timers, onError, read, onEvent, onRestart });

  return {
    audience,
    recent,
    frames,
    item: () => item,
    sentSeq: () => sentSeq,
    read,
    take(events) {
      isTaking = true;
      for (const event of events) feed.take(event);
      isTaking = false;
      if (recent.head() !== sentSeq) pacer.wish();
    },
    async verify() {
      // Not the read that others may have begun before the bus was there again.
      const state = await parts.read(itemId);
      if (state !== null) feed.expect(state);
    },
    end() {
      feed.end();
      pacer.end();
    },
  };
}

/** What is asked for while it is under way is not asked for again. */
function shared<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | null = null;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}
