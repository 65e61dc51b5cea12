/**
 * Closes items at their end, by the server's clock.
 *
 * The book checks again whether an item is due and closes it once, so a soft close in between or a
 * second closer does no harm. Items that fell due while no closer ran are closed at the start. A
 * new end of an item is noticed at the next look, at most `lookEveryMs` later.
 */
import { createBackoff } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { type Loop, startLoop } from '../core/loop.ts';
import type { Timers } from '../core/timer.ts';
import type { ItemBook } from './port/item-book.ts';
import type { ItemIndex } from './port/item-index.ts';

const ITEMS_PER_LOOK = 100;
const LOOK_EVERY_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

export type CloserParts = {
  readonly book: Pick<ItemBook, 'close'>;
  readonly index: Pick<ItemIndex, 'due' | 'nextDueMs'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly nextEventId: () => string;
  readonly onError: (error: unknown) => void;
  readonly lookEveryMs?: number;
};

export function startCloser(parts: CloserParts): Loop {
  const { book, index, clock, timers, nextEventId, onError, lookEveryMs = LOOK_EVERY_MS } = parts;

  /** @returns how many items the index found due, and how many of them the book closed. */
  async function closeDue(): Promise<{ due: number; closed: number }> {
    const itemIds = await index.due(clock.nowMs(), ITEMS_PER_LOOK);
    const closes = itemIds.map((itemId) =>
      book.close(itemId, { eventId: nextEventId(), force: false }),
    );
    const closed = (await Promise.all(closes)).filter((event) => event !== null).length;
    return { due: itemIds.length, closed };
  }

  async function untilNextLook(): Promise<number> {
    const dueMs = await index.nextDueMs();
    if (dueMs === null) return lookEveryMs;
    // At least a millisecond: a clock behind the index must not turn this into a busy loop.
    return Math.min(lookEveryMs, Math.max(1, dueMs - clock.nowMs()));
  }

  /** @returns how long to wait before the next look. */
  async function look(): Promise<number> {
    const { due, closed } = await closeDue();
    if (closed === ITEMS_PER_LOOK) return 0;
    // The book's clock may be behind: an item that it does not find due yet is not retried at once.
    const isEarly = due > 0 && closed === 0;
    return isEarly ? lookEveryMs : await untilNextLook();
  }

  const backoff = createBackoff({ firstMs: lookEveryMs, longestMs: LONGEST_PAUSE_MS });
  return startLoop(timers, async (pause) => {
    while (!pause.isStopping()) {
      try {
        const waitMs = await look();
        backoff.reset();
        if (waitMs > 0) await pause.wait(waitMs);
      } catch (error) {
        onError(error);
        await pause.wait(backoff.nextMs());
      }
    }
  });
}
