/**
 * What this node has last seen of the prices, beside the book: it refuses what is sure to lose.
 *
 * A price only rises, so a bid at or under a price that was once seen cannot win, however old the
 * sight is; and an item that has ended stays so. Only plain bids without an idempotency key are refused
 * here: the book keeps the answers of keys. Nothing is ever accepted here. The refusal names the seq
 * that was seen, which may be older than the call, and is marked as `cached`.
 *
 * Two things take a price back, a retraction and a history that was lost: a sight is used for
 * `LIMIT.pricedItemMs` at most, and for that long such an item may refuse too much.
 */
import type { Clock } from '../core/clock.ts';
import { LIMIT } from '../core/limit.ts';
import type { Bus } from '../flow/bus.ts';
import type { BidRequest } from './live.ts';
import { judgedOf, type RefusedAnswer } from './rule/answer.ts';
import type { ItemEvent, ItemState } from './rule/item.ts';
import { isOver } from './rule/life.ts';

export type PriceCacheParts = {
  readonly bus: Pick<Bus<ItemEvent>, 'subscribe'>;
  readonly read: (itemId: string) => Promise<ItemState | null>;
  readonly clock: Clock;
};

export type PriceCache = AsyncDisposable & {
  /** Null when only the book can tell. */
  refuse(request: BidRequest): RefusedAnswer | null;
  /** Begins to follow an item, when the book has answered for it. */
  follow(itemId: string): void;
};

type Sight = { readonly state: ItemState; readonly seenAtMs: number };

export async function openPriceCache({ bus, read, clock }: PriceCacheParts): Promise<PriceCache> {
  const sights = new Map<string, Sight>();
  const reading = new Set<string>();

  function see(state: ItemState): void {
    const known = sights.get(state.itemId)?.state;
    if (known?.epoch === state.epoch && known.seq > state.seq) return;
    sights.delete(state.itemId);
    sights.set(state.itemId, { state, seenAtMs: clock.elapsedMs() });
    if (sights.size <= LIMIT.pricedItems) return;
    for (const [oldest] of sights) {
      sights.delete(oldest);
      return;
    }
  }

  function onEvent(event: ItemEvent): void {
    const known = sights.get(event.itemId)?.state;
    if (known === undefined) return;
    if (known.epoch !== event.epoch) sights.delete(event.itemId);
    else if (event.seq > known.seq) see(after(known, event));
  }

  const stop = await bus.subscribe({
    durableName: null,
    handler: (events) => {
      for (const event of events) onEvent(event);
    },
    onMissed: () => sights.clear(),
  });

  return {
    refuse(request) {
      const sight = sights.get(request.itemId);
      if (sight === undefined || !isPlain(request)) return null;
      if (clock.elapsedMs() - sight.seenAtMs > LIMIT.pricedItemMs) return null;
      return refusal(sight.state, request, clock.nowMs());
    },
    follow(itemId) {
      const sight = sights.get(itemId);
      const isFresh =
        sight !== undefined && clock.elapsedMs() - sight.seenAtMs < LIMIT.pricedItemMs / 2;
      if (isFresh || reading.has(itemId) || reading.size >= LIMIT.pricedItemReads) return;
      reading.add(itemId);
      read(itemId)
        .then((state) => state !== null && see(state))
        // Without a sight the book is asked, which tells what is wrong with it.
        .catch(() => sights.delete(itemId))
        .finally(() => reading.delete(itemId));
    },
    [Symbol.asyncDispose]: () => stop(),
  };
}

function isPlain({ maxMicros, buyNow, idempotencyKey }: BidRequest): boolean {
  return maxMicros === null && !buyNow && idempotencyKey === null;
}

function refusal(state: ItemState, { amountMicros, userId }: BidRequest, nowMs: number) {
  const code = state.status === 'ended' ? 'ended' : 'bid_too_low';
  if (code === 'bid_too_low') {
    const isSure = state.leaderId !== null && amountMicros !== null;
    if (!isSure || amountMicros > state.priceMicros || isOver(state, nowMs)) return null;
  }
  return { kind: 'refused', code, ...judgedOf(state, { userId, nowMs }), cached: true } as const;
}

/** The state after an event, as far as it can be seen from outside: maxima stay in the book. */
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
