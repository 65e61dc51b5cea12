/**
 * Sends the viewers of one item its newest events: serialized once for all, at the pace of the
 * tick, several per frame when there are many.
 */
import type { ItemEvent, ItemState } from '../rule/item.ts';
import type { AliasOf } from '../rule/view.ts';
import { type Audience, createAudience } from './audience.ts';
import { createFrames, type Frames, type Written } from './frames.ts';
import type { ViewingLimit } from './limit.ts';
import { createPacer, type PacerParts } from './pacer.ts';
import { createRecent, type Recent } from './recent.ts';
import type { Wire } from './viewer.ts';

export type ScreenParts = PacerParts & {
  readonly wire: Wire;
  readonly aliasOf: AliasOf;
  readonly limit: ViewingLimit;
};

export type Screen = {
  readonly audience: Audience;
  readonly recent: Recent<Written>;
  readonly frames: Frames;
  /** The state that `recent` started from; null until the first `restart`. */
  item(): ItemState | null;
  /** The last seq that the audience was sent. */
  sentSeq(): number;
  /** @param events the next events, in order: a batch goes out as one frame. */
  show(events: readonly ItemEvent[]): void;
  /** Restarts from `state`: the viewers miss the events in between, and the frame says so. */
  restart(state: ItemState): void;
  end(): void;
};

export function createScreen(parts: ScreenParts): Screen {
  const { clock, wire, aliasOf, limit } = parts;
  const audience = createAudience(clock, limit);
  const recent = createRecent<Written>(limit.roomEvents);
  const frames = createFrames({
    clock,
    wire,
    aliasOf,
    recent,
    watchers: () => audience.viewers.size,
  });
  const pacer = createPacer(parts, flush);
  let item: ItemState | null = null;
  let sentSeq = 0;

  function flush(): void {
    if (item === null || recent.head() === sentSeq) return;
    const broadcast = frames.broadcast(item, sentSeq);
    for (const viewer of audience.viewers) audience.show(viewer, broadcast);
    sentSeq = recent.head();
  }

  function show(events: readonly ItemEvent[]): void {
    if (item === null) return;
    for (const event of events) {
      recent.push(frames.written(event, item));
      if (recent.head() - sentSeq >= limit.frameEvents) pacer.now();
    }
    if (recent.head() !== sentSeq) pacer.wish();
  }

  function restart(state: ItemState): void {
    flush();
    item = state;
    recent.restart(state.seq);
    sentSeq = state.seq;
    const snapshotFor = frames.snapshots(state, false);
    for (const viewer of audience.viewers) {
      if (viewer.lastSeq !== null) audience.send(viewer, snapshotFor(viewer.looker), state.seq);
    }
  }

  return {
    audience,
    recent,
    frames,
    item: () => item,
    sentSeq: () => sentSeq,
    show,
    restart,
    end: () => pacer.end(),
  };
}
