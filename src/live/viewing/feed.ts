/**
 * Puts what the bus brings of one item in order: by rising seq, each once, without a gap.
 *
 * The bus may bring an event twice or, to a subscriber without a name, never. A gap is filled from
 * the archive; when that does not have it (yet) or cannot be read, the item is read anew and the feed
 * goes on from there: `onRestart` says that what is between is lost to viewers. What comes meanwhile
 * is held.
 */
import { LIMIT } from '../../core/limit.ts';
import type { Timers } from '../../core/timer.ts';
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { type HistoryParts, readHistory } from './read-history.ts';

const RETRY_MS = 1_000;
/** The bus is always a little behind the book. */
const BUS_LAG_MS = 1_000;

export type FeedParts = HistoryParts & {
  readonly timers: Timers;
  /** The item as the book has it: at least as new as anything that the bus has brought. */
  read(): Promise<ItemState | null>;
  onEvent(event: ItemEvent): void;
  onRestart(state: ItemState): void;
};

export type Feed = {
  /** Goes on after `state`; what came before it is placed as far as it follows. */
  restart(state: ItemState): void;
  take(event: ItemEvent): void;
  /** The book has come this far: what the bus does not bring shortly is a gap, with no event behind it. */
  expect(state: ItemState): void;
  end(): void;
};

export function createFeed(itemId: string, parts: FeedParts): Feed {
  let at: { readonly epoch: string; seq: number } | null = null;
  let held: ItemEvent[] = [];
  let isHealing = false;
  let hasEnded = false;
  let expected: ItemState | null = null;
  let stopRetry = () => {};
  let stopWaiting = () => {};

  /** @returns whether nothing is left to do for it. */
  function place(event: ItemEvent): boolean {
    if (at === null || event.epoch !== at.epoch || event.seq > at.seq + 1) return false;
    if (event.seq <= at.seq) return true;
    at.seq = event.seq;
    parts.onEvent(event);
    return true;
  }

  function placeHeld(): void {
    held = held.filter((event) => !place(event));
  }

  function restart(state: ItemState): void {
    at = { epoch: state.epoch, seq: state.seq };
    parts.onRestart(state);
    placeHeld();
    // The book is never behind the bus: what does not follow it now is of an older history.
    if (!isHealing) held = [];
  }

  function isBehind(state: ItemState | null): boolean {
    return state !== null && (state.epoch !== at?.epoch || state.seq > at.seq);
  }

  async function fill(afterSeq: number, epoch: string): Promise<void> {
    const page = { itemId, epoch, afterSeq, limit: LIMIT.roomEvents };
    for (const event of (await readHistory(page, parts)) ?? []) place(event);
    placeHeld();
  }

  async function heal(): Promise<void> {
    if (at !== null) await fill(at.seq, at.epoch);
    if ((held.length > 0 || isBehind(expected)) && !hasEnded) {
      const state = await parts.read();
      if (state !== null && isBehind(state)) restart(state);
      placeHeld();
    }
    held = [];
    expected = null;
    isHealing = false;
  }

  function expect(state: ItemState): void {
    stopWaiting();
    if (hasEnded || (at !== null && !isBehind(state))) return;
    stopWaiting = parts.timers.after(BUS_LAG_MS, () => {
      if (at === null || isHealing) return expect(state);
      if (!isBehind(state)) return;
      expected = state;
      startHealing();
    });
  }

  function startHealing(): void {
    isHealing = true;
    heal().catch((error: unknown) => {
      parts.onError(error);
      if (!hasEnded) stopRetry = parts.timers.after(RETRY_MS, startHealing);
    });
  }

  return {
    restart,
    take(event) {
      if (!isHealing && place(event)) return;
      if (held.length < LIMIT.roomEvents) held.push(event);
      if (at !== null && !isHealing) startHealing();
    },
    expect,
    end() {
      hasEnded = true;
      stopRetry();
      stopWaiting();
    },
  };
}
