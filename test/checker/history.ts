/**
 * The record of one live item: the calls of its clients, its durable log, its archive, its viewers.
 *
 * A history is of one item in one epoch. All call times come from one monotonic clock, which need
 * not be the server's. A call whose caller got no outcome has the answer `unknown`.
 */

import type { PlaceAnswer } from '../../src/live/port/item-book.ts';
import type { ItemDefinition, ItemEvent, ItemState, PlaceBid } from '../../src/live/rule/item.ts';

type AcceptedFields = 'kind' | 'seq' | 'eventId' | 'bidId' | 'priceMicros';
type RefusedFields = 'kind' | 'code' | 'seq' | 'priceMicros' | 'nextMicros';

export type AcceptedAnswer = Pick<
  Extract<PlaceAnswer, { kind: 'accepted' }>,
  AcceptedFields | 'isHighest' | 'outbidByProxy'
>;
/** A cached refusal may name a seq older than its call: prices only rise. */
export type RefusedAnswer = Pick<
  Extract<PlaceAnswer, { kind: 'refused' }>,
  RefusedFields | 'cached'
>;

/** Every `PlaceAnswer` is one. `unknown` is a timeout, a lost connection or a 503. */
export type BidAnswer =
  | AcceptedAnswer
  | RefusedAnswer
  | { readonly kind: 'unknown-item' }
  | { readonly kind: 'idempotency-key-reused' }
  | { readonly kind: 'unknown' };

export type BidParameters = Pick<PlaceBid, 'userId' | 'amountMicros' | 'maxMicros' | 'buyNow'> & {
  readonly idempotencyKey: string | null;
};

export type BidOperation = BidParameters & {
  readonly kind: 'bid';
  readonly invokedMs: number;
  /** Null when no answer came; then `answer` is `unknown`. */
  readonly respondedMs: number | null;
  readonly answer: BidAnswer;
};

export type ReadAnswer = Pick<ItemState, 'seq' | 'priceMicros' | 'status'>;

export type ReadOperation = {
  readonly kind: 'read';
  readonly invokedMs: number;
  readonly respondedMs: number | null;
  readonly answer: ReadAnswer | null;
};

export type Operation = BidOperation | ReadOperation;

/** One frame as a viewer received it; a coalesced frame holds several events. */
export type ViewerFrame =
  | { readonly kind: 'events'; readonly events: readonly SeenEvent[] }
  /** The whole state at `seq`: what follows continues from there. */
  | { readonly kind: 'snapshot'; readonly seq: number }
  /** The answer to a resume; `recovered: false` admits that events are missing. */
  | { readonly kind: 'resumed'; readonly recovered: boolean };

export type SeenEvent = Pick<ItemEvent, 'seq' | 'eventId'>;

export type Viewer = {
  readonly name: string;
  /** The seq that the viewer had before its first frame; 0 for a newcomer. */
  readonly fromSeq: number;
  /** Whether the viewer asked for the newest event only, so that gaps are expected. */
  readonly latestOnly: boolean;
  /** Over all its connections, in the order of arrival. */
  readonly frames: readonly ViewerFrame[];
};

export type History = {
  readonly definition: ItemDefinition;
  readonly operations: readonly Operation[];
  /** The durable events in the order of the log. */
  readonly log: readonly ItemEvent[];
  /** The archive's rows in any order; null when there was no archive to compare. */
  readonly archive: readonly ItemEvent[] | null;
  readonly viewers: readonly Viewer[];
};
