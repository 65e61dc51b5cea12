/**
 * The book of live items: the one place where a bid is decided.
 *
 * Decision and events are one atomic step: when `place` answers `accepted`, state, events and answer
 * are durable as far as the driver's profile says, and the events are in the outbox, in order. Per
 * item `seq` has no gap. Calls may overlap; they are decided one after another, each at the book's
 * own clock. The same idempotency key of the same user and item gives the same answer for at least
 * `IDEMPOTENCY_KEPT_MS`; with other parameters it is refused.
 *
 * When the book cannot decide, the call rejects with `NotDecidedError`: the bid may or may not have
 * been taken, nobody was told that it was. Not promised: fairness between calls that overlap.
 */
import type { Micros } from '../../core/money.ts';
import type {
  Decision,
  ItemDefinition,
  ItemEvent,
  ItemState,
  PlaceBid,
  Refusal,
} from '../rule/item.ts';
import { nextMicros } from '../rule/life.ts';
import { reserveMet } from '../rule/reserve.ts';

export const IDEMPOTENCY_KEPT_MS = 24 * 60 * 60 * 1000;

export class NotDecidedError extends Error {
  override readonly name = 'NotDecidedError';
}

export type PlaceCommand = PlaceBid & {
  readonly itemId: string;
  readonly idempotencyKey: string | null;
};

/** What every answer tells of the item: as a refusal found it, as an accepted bid left it. */
export type Judged = {
  /** Of the bid's event; of the newest event when the bid made none. */
  readonly seq: number;
  readonly epoch: string;
  readonly priceMicros: Micros;
  readonly endsAtMs: number | null;
  readonly reserveMet: boolean;
  /** The next amount that would do, null when none would. */
  readonly nextMicros: Micros | null;
  readonly isHighest: boolean;
};

export type PlaceAnswer =
  | (Judged & {
      readonly kind: 'accepted';
      readonly bidId: string;
      /** The bid's event; null when only the bidder's own maximum rose. */
      readonly eventId: string | null;
      readonly outbidByProxy: boolean;
      readonly ended: boolean;
    })
  | (Judged & {
      readonly kind: 'refused';
      readonly code: Refusal;
      /** The node refused it by what it had seen before: the book was not asked. */
      readonly cached?: true;
    })
  | { readonly kind: 'unknown-item' }
  | { readonly kind: 'idempotency-key-reused' };

export type ItemBook = AsyncDisposable & {
  /** Opens an item unless its id is taken; answers the state in force and whether it is new. */
  open(definition: ItemDefinition): Promise<{ state: ItemState; created: boolean }>;
  place(command: PlaceCommand): Promise<PlaceAnswer>;
  /** Ends an item: when due, or at once when `force`. Null when unknown, ended or not due. */
  close(itemId: string, options: { eventId: string; force: boolean }): Promise<ItemEvent | null>;
  /** Takes a bid back (admin). Null when the item or an accepted bid of that id is unknown. */
  retract(itemId: string, options: { eventId: string; bidId: string }): Promise<ItemEvent | null>;
  read(itemId: string): Promise<ItemState | null>;
};

/**
 * How a book tells a decision of the rule: the same words whichever driver decided.
 * @param judged the bid, the state that it was judged against, and the time it was judged at.
 */
export function placeAnswer(
  decision: Decision,
  judged: { bid: PlaceBid; before: ItemState; nowMs: number },
): Extract<PlaceAnswer, Judged> {
  const { bid, before, nowMs } = judged;
  const after = decision.accepted ? decision.state : before;
  const facts = judgedOf(after, { userId: bid.userId, nowMs });
  if (!decision.accepted) return { kind: 'refused', code: decision.code, ...facts };
  const event = decision.events[0];
  return {
    kind: 'accepted',
    ...facts,
    seq: event?.seq ?? after.seq,
    bidId: bid.bidId,
    eventId: event?.eventId ?? null,
    outbidByProxy: decision.outbidByProxy,
    ended: after.status === 'ended',
  };
}

/** What an answer tells of an item in this state to this user. */
export function judgedOf(
  item: ItemState,
  { userId, nowMs }: { userId: string; nowMs: number },
): Judged {
  return {
    seq: item.seq,
    epoch: item.epoch,
    priceMicros: item.priceMicros,
    endsAtMs: item.endsAtMs,
    reserveMet: reserveMet(item),
    nextMicros: nextMicros(item, nowMs),
    isHighest: item.leaderId === userId,
  };
}
