/** One watched item: puts its events from the bus in order, and shows them to the viewers. */
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { createFeed } from './feed.ts';
import { createHealer } from './healer.ts';
import { createHistory, type History, type HistoryParts } from './history.ts';
import { createScreen, type Screen, type ScreenParts } from './screen.ts';

export type RoomParts = ScreenParts &
  HistoryParts & {
    /** The item in the book: at least as new as any event from the bus. */
    read(itemId: string): Promise<ItemState | null>;
  };

export type Room = Pick<Screen, 'audience' | 'recent' | 'frames' | 'item' | 'sentSeq'> & {
  readonly history: History;
  /** Reads the item now, once for all concurrent callers. The first read starts the room. */
  read(): Promise<ItemState | null>;
  take(events: readonly ItemEvent[]): void;
  /** The bus may have lost events: reads the item, and brings the room up to its seq. */
  verify(): Promise<void>;
  end(): void;
};

export function createRoom(itemId: string, parts: RoomParts): Room {
  const { timers, limit, onError } = parts;
  const screen = createScreen(parts);
  const feed = createFeed(limit.roomEvents);
  const history = createHistory(itemId, parts);
  const readAnew = () => parts.read(itemId);
  const healer = createHealer({ feed, screen, timers, history, limit, read: readAnew, onError });

  const read = shared(async () => {
    const state = await readAnew();
    if (state !== null && state.epoch !== screen.item()?.epoch) healer.restart(state);
    return state;
  });

  return {
    audience: screen.audience,
    recent: screen.recent,
    frames: screen.frames,
    item: screen.item,
    sentSeq: screen.sentSeq,
    history,
    read,
    take(events) {
      screen.show(events.flatMap(feed.take));
      if (feed.hasGap()) healer.heal();
    },
    async verify() {
      // Not a read that others may have started before the bus was back.
      const state = await readAnew();
      if (state !== null) healer.expect(state);
    },
    end() {
      healer.end();
      screen.end();
    },
  };
}

/** Joins concurrent calls: a call during a read gets that read's result. */
function shared<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | null = null;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}
