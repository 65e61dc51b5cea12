/**
 * The demand side: one way to call a bidder, whether it is simulated or reached over HTTP.
 *
 * `call` answers by the deadline: when the deadline passes first, the answer is a `timeout`, and a
 * later reply is dropped. It never throws and never rejects: a failure is the answer `error`. It
 * may answer at once, without a promise. When the client hangs up it stops the calls under way. Not
 * promised: that a bid is valid. The auction's rules check that.
 */
import type { Deadline } from '../../core/deadline.ts';
import type { Micros } from '../../core/money.ts';
import type { Imp } from '../rule/auction.ts';
import type { Bidder } from '../rule/supply.ts';

/** A bidder to call; `bidFloorMicros` is its lowest bid, when the request set one. */
export type CalledBidder = Bidder & { readonly bidFloorMicros?: Micros };

/** What an auction offers to each called bidder. */
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
