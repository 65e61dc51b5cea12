/**
 * Bids on one item of a book for a while, every one accepted, with a reader in place of the relay:
 * without it the outbox would only grow.
 */
import { toMicros } from '../../src/core/money.ts';
import type { ItemBook } from '../../src/live/port/item-book.ts';
import type { Outbox } from '../../src/live/port/outbox.ts';
import { FIRST_SIGHT_POLICY } from '../../src/live/rule/definition.ts';

const WARM_UP_MS = 1_000;
const RUN_MS = 4_000;
const STEP_MICROS = 10_000;
const TIMED_EVERY = 16;

export type HotItemLoad = {
  readonly book: ItemBook;
  readonly outbox: Outbox;
  readonly itemId: string;
  readonly inFlight: number;
};

export type HotItemSpeed = { readonly perSecond: number; readonly p99Ms: number };

export async function loadHotItem(load: HotItemLoad): Promise<HotItemSpeed> {
  const { book, outbox, itemId, inFlight } = load;
  const item = { itemId, name: itemId, policy: FIRST_SIGHT_POLICY };
  await book.open({ ...item, opensAtMs: null, closesAtMs: null });
  let count = 0;
  let isOver = false;
  let latenciesMs: number[] = [];

  async function bidder(): Promise<void> {
    while (!isOver) {
      const number = ++count;
      const startedMs = performance.now();
      const answer = await book.place({
        itemId,
        userId: `user${number % 1000}`,
        bidId: `bid_${number}`,
        eventId: `evt_${number}`,
        amountMicros: toMicros(number * STEP_MICROS),
        maxMicros: null,
        buyNow: false,
        idempotencyKey: null,
      });
      if (answer.kind !== 'accepted') throw new Error(`a bid was ${JSON.stringify(answer)}`);
      if (number % TIMED_EVERY === 0) latenciesMs.push(performance.now() - startedMs);
    }
  }

  async function reader(): Promise<void> {
    while (!isOver) {
      const entries = await outbox.read({ limit: 20_000, waitMs: 50 });
      const newest = entries.at(-1);
      if (newest !== undefined) await outbox.ack(newest.position);
    }
  }

  const working = [...Array.from({ length: inFlight }, bidder), reader()];
  await Bun.sleep(WARM_UP_MS);
  const countBefore = count;
  latenciesMs = [];
  const startedMs = performance.now();
  await Bun.sleep(RUN_MS);
  const perSecond = ((count - countBefore) * 1000) / (performance.now() - startedMs);
  isOver = true;
  await Promise.all(working);
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return { perSecond, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
}
