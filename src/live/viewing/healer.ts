/**
 * Closes the gaps of a feed from the archive; when that does not have the events (yet) or cannot be
 * read, it reads the item again, and the feed and the screen continue from there.
 */
import { present } from '../../core/assert.ts';
import type { Timers } from '../../core/timer.ts';
import type { ItemState } from '../rule/item.ts';
import type { Feed } from './feed.ts';
import type { History } from './history.ts';
import type { ViewingLimit } from './limit.ts';
import type { Screen } from './screen.ts';

const RETRY_MS = 1_000;
/** The bus is always a little behind the book. */
const BUS_LAG_MS = 1_000;

export type HealerParts = {
  readonly feed: Feed;
  readonly screen: Pick<Screen, 'show' | 'restart'>;
  readonly timers: Timers;
  readonly history: History;
  readonly limit: Pick<ViewingLimit, 'roomEvents'>;
  /** The item in the book: at least as new as any event from the bus. */
  read(): Promise<ItemState | null>;
  onError(error: unknown): void;
};

export type Healer = {
  /** Feed and screen continue after `state`. */
  restart(state: ItemState): void;
  /** Closes the gap, one attempt at a time; a failed attempt is retried a second later. */
  heal(): void;
  /**
   * The book is at this seq: events that the bus does not deliver soon are a gap, also at the end.
   */
  expect(state: ItemState): void;
  end(): void;
};

export function createHealer(parts: HealerParts): Healer {
  const { feed, screen, timers, onError } = parts;
  let isHealing = false;
  let hasEnded = false;
  let expected: ItemState | null = null;
  let stopRetry = () => {};
  let stopWaiting = () => {};

  function restart(state: ItemState): void {
    screen.restart(state);
    for (const event of feed.restart(state)) screen.show([event]);
    if (feed.hasGap()) heal();
  }

  function heal(): void {
    if (isHealing) return;
    isHealing = true;
    attempt();
  }

  function attempt(): void {
    mend().catch((error: unknown) => {
      onError(error);
      if (!hasEnded) stopRetry = timers.after(RETRY_MS, attempt);
    });
  }

  async function mend(): Promise<void> {
    await fill(parts);
    const isMissing = feed.hasGap() || (expected !== null && feed.isBehind(expected));
    const state = isMissing && !hasEnded ? await parts.read() : null;
    if (state !== null && feed.isBehind(state)) restart(state);
    feed.drop();
    expected = null;
    isHealing = false;
  }

  function expect(state: ItemState): void {
    stopWaiting();
    if (hasEnded || (feed.at() !== null && !feed.isBehind(state))) return;
    stopWaiting = timers.after(BUS_LAG_MS, () => {
      if (feed.at() === null || isHealing) return expect(state);
      if (!feed.isBehind(state)) return;
      expected = state;
      heal();
    });
  }

  function end(): void {
    hasEnded = true;
    stopRetry();
    stopWaiting();
  }

  return { restart, heal, expect, end };
}

/** Reads from the archive the events of the gap. */
async function fill({ feed, screen, history, limit }: HealerParts): Promise<void> {
  const { epoch, seq } = present(feed.at(), 'the place of a feed that is healed');
  const events = await history({ epoch, afterSeq: seq, limit: limit.roomEvents });
  for (const event of events ?? []) screen.show(feed.fill(event));
}
