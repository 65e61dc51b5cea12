/**
 * The demand side: one way to call a bidder, drawn by chance, over HTTP, or otherwise.
 *
 * `call` answers by the deadline or not at all: when the deadline passes first, the answer is a
 * `timeout`, and what arrives later is dropped. It never throws and never rejects: what goes wrong
 * is the answer `error`. It may answer at once, without a promise. When the client hangs up it
 * stops what is under way. Not promised: that a bid is valid. The auction's rules check that.
 */
import type { Deadline } from '../../core/deadline.ts';
import type { Micros } from '../../core/money.ts';
import type { Imp } from '../rule/auction.ts';
import type { Bidder } from '../rule/supply.ts';

/** A bidder to call; `bidFloorMicros` is the least that it bids, when its request said so. */
export type CalledBidder = Bidder & { readonly bidFloorMicros?: Micros };

/** What an auction offers to every bidder that it calls. */
export type Offer = {
  readonly auctionId: string;
  readonly imps: readonly Imp[];
};

/** A bid for `imps[impIndex]` of the offer. */
export type ImpBid = { readonly impIndex: number; readonly priceMicros: Micros };

/** `latencyUs` is the time from the call to the answer in whole microseconds. */
export type BidderAnswer =
  | { readonly kind: 'bids'; readonly bids: readonly ImpBid[]; readonly latencyUs: number }
  | { readonly kind: 'no-bid' | 'timeout' | 'error'; readonly latencyUs: number };

export type Demand = {
  call(
    offer: Offer,
    bidder: CalledBidder,
    deadline: Deadline,
  ): BidderAnswer | Promise<BidderAnswer>;
};
