/**
 * The values of one ad auction: impressions, answers and results.
 *
 * An auction sells one or more impressions (OpenRTB: imp), each under its own terms. Each bidder of
 * an impression ends in exactly one state. Times: `atMs` is Unix milliseconds, `latencyUs` whole
 * microseconds from the call to the answer.
 */
import type { Micros } from '../../core/money.ts';
import type { AuctionType } from './supply.ts';

/** One impression for sale and its terms. */
export type Imp = {
  readonly supplyId: string;
  /** ISO 3166-1 alpha-2 of the user, null when the request did not say. */
  readonly country: string | null;
  readonly floorMicros: Micros;
  readonly auctionType: AuctionType;
  /** Added to the runner-up's bid in a second-price auction. */
  readonly incrementMicros: Micros;
};

export const OUTCOMES = ['bid', 'no-bid', 'timeout', 'error'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One bidder's answer for one impression. `priceMicros` is zero unless the outcome is a bid. */
export type Answer = {
  readonly bidderId: string;
  readonly outcome: Outcome;
  readonly priceMicros: Micros;
  readonly latencyUs: number;
};

/**
 * Why a bidder ended in its state. `iabCode` is the nearest code of OpenRTB: a loss reason (list
 * "Loss Reason Codes") for bids, a no-bid reason for the rest.
 */
export const REASONS = {
  highest_bid: { state: 'won', iabCode: 0 },
  outbid: { state: 'lost', iabCode: 102 },
  below_floor: { state: 'rejected', iabCode: 100 },
  invalid_price: { state: 'rejected', iabCode: 3 },
  no_bid: { state: 'no-bid', iabCode: 0 },
  timeout: { state: 'timeout', iabCode: 101 },
  error: { state: 'error', iabCode: 100 },
} as const;
export type Reason = keyof typeof REASONS;

/** One bidder's answer with its result. */
export type Entry = Answer & { readonly reason: Reason };

/** One impression after the auction. `winnerId` and `clearingMicros` are null when it is unsold. */
export type ImpResult = {
  readonly imp: Imp;
  readonly entries: readonly Entry[];
  readonly winnerId: string | null;
  readonly clearingMicros: Micros | null;
};

/** The inputs that all impressions of an auction share. */
export type AuctionTerms = {
  readonly tmaxMs: number;
  /** Breaks ties of price and time. */
  readonly seed: number;
};

export const AUCTION_KINDS = ['supply', 'batch'] as const;
/** `supply` is one catalogue supply (`POST /bid`), `batch` is `POST /api/v1/bid`. */
export type AuctionKind = (typeof AUCTION_KINDS)[number];

/** The stored record of an auction: enough to decide it again. */
export type AuctionEvent = AuctionTerms & {
  readonly auctionId: string;
  readonly kind: AuctionKind;
  readonly atMs: number;
  /** The catalogue version in force. */
  readonly catalogVersion: number;
  readonly results: readonly ImpResult[];
};
