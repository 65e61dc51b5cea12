/**
 * The book of live items: the one place where a bid is decided.
 *
 * Decision and events are one atomic step: when `place` answers `accepted`, state, events and answer
 * are durable as far as the driver's profile says, and the events are in the outbox, in order. Per
 * item `seq` has no gap. Calls may overlap; they are decided one after another, each at the book's
 * own clock. The same idempotency key of the same user and item gives the same answer for at least
 * `IDEMPOTENCY_KEPT_MS`; with other parameters it is refused. A user has `IDEMPOTENCY_KEYS` keys on an item
 * in that time: a bid with one more is refused undecided, for if an old one were forgotten instead, a late
 * repetition of its bid would be a second bid.
 *
 * When the book cannot decide, the call rejects with `NotDecidedError`: the bid may or may not have
 * been taken, and no caller has heard that it was. Not promised: fairness between calls that overlap.
 */
import type { JudgedAnswer } from '../rule/answer.ts';
import type { ItemDefinition, ItemEvent, ItemState, PlaceBid } from '../rule/item.ts';
import type { Unwanted } from '../rule/retract.ts';

export const IDEMPOTENCY_KEPT_MS = 24 * 60 * 60 * 1000;

export const IDEMPOTENCY_KEYS = 1_000;

export class NotDecidedError extends Error {
  override readonly name = 'NotDecidedError';
}

/** What a bidder asks for. */
export type PlaceRequest = Omit<PlaceBid, 'bidId' | 'eventId'> & {
  readonly itemId: string;
  readonly idempotencyKey: string | null;
};

/** The same, with the ids that its bid and its event get. */
export type PlaceCommand = PlaceRequest & Pick<PlaceBid, 'bidId' | 'eventId'>;

export type PlaceAnswer =
  | JudgedAnswer
  | { readonly kind: 'unknown-item' }
  | { readonly kind: 'idempotency-key-reused' }
  | { readonly kind: 'too-many-keys' };

export type ItemBook = AsyncDisposable & {
  /** Opens an item unless its id is taken; answers the state in force and whether it is new. */
  open(definition: ItemDefinition): Promise<{ state: ItemState; created: boolean }>;
  place(command: PlaceCommand): Promise<PlaceAnswer>;
  /** Ends an item: when due, or at once when `force`. Null when unknown, ended or not due. */
  close(itemId: string, options: { eventId: string; force: boolean }): Promise<ItemEvent | null>;
  /**
   * Takes back a bid, or all bids and maxima of a bidder (admin). Null when the item is unknown or over,
   * or nothing changes: see `takeBack` of rule/retract.ts.
   */
  retract(
    itemId: string,
    options: { eventId: string; unwanted: Unwanted },
  ): Promise<ItemEvent | null>;
  read(itemId: string): Promise<ItemState | null>;
};
