/**
 * The prices that this node last saw, beside the book: it refuses bids that are sure to lose.
 *
 * A price only rises, so a bid at or under a price that was once seen cannot win, however old the
 * cached price is; and an item that has ended stays ended. Only plain bids without an idempotency
 * key are refused here: the book keeps the answers of keys. No bid is ever accepted here. The
 * refusal names the cached seq, which may be older than the call, and is marked as `cached`.
 *
 * Two things lower a price, a retraction and a lost history: a cached price is used for `sightMs`
 * at most, and for that long such an item may refuse too many bids.
 */
import type { Clock } from '../core/clock.ts';
import type { Bus } from '../flow/bus.ts';
import type { PlaceRequest } from './port/item-book.ts';
import { judgedOf, type RefusedAnswer } from './rule/answer.ts';
import type { ItemEvent, ItemState } from './rule/item.ts';
import { isOver } from './rule/life.ts';

/** Cached items, how long a cached price is used, and items read at a time. */
export type PriceCacheLimit = {
  readonly items: number;
  readonly sightMs: number;
  readonly reads: number;
};

export const PRICE_CACHE_LIMIT: PriceCacheLimit = { items: 10_000, sightMs: 5_000, reads: 16 };

export type PriceCacheParts = {
  readonly bus: Pick<Bus<ItemEvent>, 'subscribe'>;
  readonly read: (itemId: string) => Promise<ItemState | null>;
  readonly clock: Clock;
  readonly limit?: PriceCacheLimit;
};

export type PriceCache = AsyncDisposable & {
  /** Null when only the book can decide. */
  refuse(request: PlaceRequest): RefusedAnswer | null;
  /** Starts to cache an item, once the book has answered for it. */
  follow(itemId: string): void;
};

export async function openPriceCache(parts: PriceCacheParts): Promise<PriceCache> {
  const { bus, read, clock, limit = PRICE_CACHE_LIMIT } = parts;
  const sights = createSights(limit.items, clock);
  const reading = new Set<string>();

  async function look(itemId: string): Promise<void> {
    reading.add(itemId);
    try {
      const state = await read(itemId);
      if (state !== null) sights.see(state);
    } catch {
      // Uncached, the call goes to the book, which reports its own fault.
      sights.forget(itemId);
    } finally {
      reading.delete(itemId);
    }
  }

  const stop = await bus.subscribe({
    durableName: null,
    handler: (events) => {
      for (const event of events) sights.follow(event);
    },
    onMissed: sights.forgetAll,
  });

  return {
    refuse(request) {
      if (!isPlain(request)) return null;
      const sight = sights.find(request.itemId);
      if (sight === undefined || sight.ageMs > limit.sightMs) return null;
      return refusal(sight.state, request, clock.nowMs());
    },
    follow(itemId) {
      const sight = sights.find(itemId);
      const isFresh = sight !== undefined && sight.ageMs < limit.sightMs / 2;
      if (isFresh || reading.has(itemId) || reading.size >= limit.reads) return;
      void look(itemId);
    },
    [Symbol.asyncDispose]: () => stop(),
  };
}

type Sight = { readonly state: ItemState; readonly seenAtMs: number };

/** The last seen price of each item; beyond `most` items the least recently seen is dropped. */
function createSights(most: number, clock: Clock) {
  const sights = new Map<string, Sight>();

  function see(state: ItemState): void {
    const known = sights.get(state.itemId)?.state;
    if (known?.epoch === state.epoch && known.seq > state.seq) return;
    sights.delete(state.itemId);
    const [oldest] = sights.size >= most ? sights.keys() : [];
    if (oldest !== undefined) sights.delete(oldest);
    sights.set(state.itemId, { state, seenAtMs: clock.elapsedMs() });
  }

  function find(itemId: string) {
    const sight = sights.get(itemId);
    if (sight === undefined) return undefined;
    return { state: sight.state, ageMs: clock.elapsedMs() - sight.seenAtMs };
  }

  function follow(event: ItemEvent): void {
    const known = sights.get(event.itemId)?.state;
    if (known === undefined) return;
    if (known.epoch !== event.epoch) sights.delete(event.itemId);
    else if (event.seq > known.seq) see(after(known, event));
  }

  return {
    see,
    find,
    follow,
    forget: (itemId: string) => sights.delete(itemId),
    forgetAll: () => sights.clear(),
  };
}

function isPlain({ maxMicros, buyNow, idempotencyKey }: PlaceRequest): boolean {
  return maxMicros === null && !buyNow && idempotencyKey === null;
}

function refusal(state: ItemState, { amountMicros, userId }: PlaceRequest, nowMs: number) {
  const code = state.status === 'ended' ? 'ended' : 'bid_too_low';
  if (code === 'bid_too_low') {
    const mayWin = amountMicros === null || amountMicros > state.priceMicros;
    if (mayWin || isOver(state, nowMs)) return null;
  }
  return { kind: 'refused', code, ...judgedOf(state, { userId, nowMs }), cached: true } as const;
}

/** The public state after an event: maxima stay in the book. */
function after(state: ItemState, event: ItemEvent): ItemState {
  const { seq, priceMicros } = { priceMicros: state.priceMicros, ...event };
  switch (event.type) {
    case 'bid': {
      const { userId: leaderId, amountMicros, endsAtMs } = event;
      return { ...state, status: 'active', seq, leaderId, priceMicros: amountMicros, endsAtMs };
    }
    case 'retract':
      return { ...state, seq, priceMicros, leaderId: event.leaderId };
    case 'close': {
      const endsAtMs = Math.min(state.endsAtMs ?? event.atMs, event.atMs);
      return { ...state, seq, status: 'ended', outcome: event.outcome, endsAtMs };
    }
  }
}
