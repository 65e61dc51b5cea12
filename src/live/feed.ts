/**
 * Puts what the bus brings of one item in order: by rising seq, each once, without a gap.
 *
 * The bus may bring an event twice or, to a subscriber without a name, never. A gap is filled from
 * the archive; when that does not have it (yet), the item is read anew and the feed goes on from
 * there: `onRestart` says that what is between is lost to viewers. What comes meanwhile is held.
 */
import { LIMIT } from '../core/limit.ts';
import type { Timers } from '../core/timer.ts';
import type { Archive } from '../port/archive.ts';
import type { ItemEvent, ItemState } from './rule/item.ts';

const RETRY_MS = 1_000;

export type FeedParts = {
  readonly archive: Archive;
  readonly timers: Timers;
  /** The item as the book has it: at least as new as anything that the bus has brought. */
  read(): Promise<ItemState | null>;
  onEvent(event: ItemEvent): void;
  onRestart(state: ItemState): void;
  onError(error: unknown): void;
};

export type Feed = {
  /** Goes on after `state`; what came before it is placed as far as it follows. */
  restart(state: ItemState): void;
  take(event: ItemEvent): void;
  end(): void;
};

export function createFeed(itemId: string, parts: FeedParts): Feed {
  let at: { readonly epoch: string; seq: number } | null = null;
  let held: ItemEvent[] = [];
  let isHealing = false;
  let hasEnded = false;
  let stopRetry = () => {};

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

  async function fill(afterSeq: number, epoch: string): Promise<void> {
    const page = { itemId, epoch, afterSeq, limit: LIMIT.roomEvents };
    for (const event of await parts.archive.read(page)) place(event);
    placeHeld();
  }

  async function heal(): Promise<void> {
    if (at !== null) await fill(at.seq, at.epoch);
    if (held.length > 0 && !hasEnded) {
      const state = await parts.read();
      if (state !== null && (state.epoch !== at?.epoch || state.seq > at.seq)) restart(state);
      placeHeld();
    }
    held = [];
    isHealing = false;
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
    end() {
      hasEnded = true;
      stopRetry();
    },
  };
}
