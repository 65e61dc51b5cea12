/**
 * Puts one item's events from the bus in order: by rising seq, each once, without a gap.
 *
 * The bus may deliver an event twice or, to an unnamed subscriber, never. An event that is ahead is
 * held, up to a bound, until the events before it are placed or the feed restarts after them.
 */
import type { ItemEvent, ItemState } from '../rule/item.ts';

/** The position of a feed. */
export type FeedPlace = { readonly epoch: string; readonly seq: number };

export type Feed = {
  /** Null until the first `restart`: until then all events are held. */
  at(): FeedPlace | null;
  /**
   * @returns the events that are now in order: this one and those that waited for it. None when it
   *   is ahead, and so held, or was placed before.
   */
  take(event: ItemEvent): readonly ItemEvent[];
  /** Like `take`, but an event that does not follow is dropped. */
  fill(event: ItemEvent): readonly ItemEvent[];
  /** Continues after `state`. @returns the held events that follow it. */
  restart(state: ItemState): readonly ItemEvent[];
  /** Whether held events wait for earlier ones. */
  hasGap(): boolean;
  /** Whether the feed is behind the item, or the item is of another history. */
  isBehind(state: ItemState): boolean;
  /** Drops the held events. */
  drop(): void;
};

/** @param heldEvents most events held; events beyond them are dropped and form a gap again. */
export function createFeed(heldEvents: number): Feed {
  let at: FeedPlace | null = null;
  let held: ItemEvent[] = [];

  function follows({ epoch, seq }: ItemEvent): boolean {
    return at !== null && epoch === at.epoch && seq <= at.seq + 1;
  }

  /** Advances to an event that follows. @returns false when it was placed before. */
  function advance({ epoch, seq }: ItemEvent): boolean {
    if (at === null || seq <= at.seq) return false;
    at = { epoch, seq };
    return true;
  }

  function fill(event: ItemEvent): ItemEvent[] {
    if (!follows(event) || !advance(event)) return [];
    return [event, ...release()];
  }

  function release(): ItemEvent[] {
    const bySeq = held.toSorted((left, right) => left.seq - right.seq);
    const placed = bySeq.filter((event) => follows(event) && advance(event));
    held = held.filter((event) => !follows(event));
    return placed;
  }

  return {
    at: () => at,
    take(event) {
      if (follows(event)) return fill(event);
      if (held.length < heldEvents) held.push(event);
      return [];
    },
    fill,
    restart({ epoch, seq }) {
      at = { epoch, seq };
      return release();
    },
    hasGap: () => at !== null && held.length > 0,
    isBehind: ({ epoch, seq }) => epoch !== at?.epoch || seq > at.seq,
    drop() {
      held = [];
    },
  };
}
