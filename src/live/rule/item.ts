/**
 * The values of a live item auction: an item, its policies, its state, a bid and its decision.
 *
 * Money is micros, times are Unix milliseconds of the server's clock. A maximum and a reserve are
 * secrets: they stand in the state, never in an answer, a log or a trace. An event holds neither, but
 * what an outbid maximum had offered (`beaten`), which is left out where events leave the server.
 */
import type { Micros } from '../../core/money.ts';
import type { Currency } from './currency.ts';

/** How much more than the price the next bid must be. */
export type IncrementPolicy =
  | { readonly kind: 'fixed'; readonly amountMicros: Micros }
  /** `basisPoints` of the price (250 is 2.5 %), rounded up to the minor unit, at least `leastMicros`. */
  | { readonly kind: 'percent'; readonly basisPoints: number; readonly leastMicros: Micros }
  /** The first step whose `belowMicros` is above the price counts; the last has null: no end. */
  | { readonly kind: 'ladder'; readonly steps: readonly LadderStep[] };

export type LadderStep = {
  readonly belowMicros: Micros | null;
  readonly incrementMicros: Micros;
};

/** A bid in the last `windowMs` moves the end to `extendMs` from now, never past `absoluteEndMs`. */
export type SoftClose = {
  readonly windowMs: number;
  readonly extendMs: number;
  readonly absoluteEndMs: number | null;
};

export type ItemPolicy = {
  /** The least first bid. */
  readonly startMicros: Micros;
  readonly increment: IncrementPolicy;
  readonly reserveMicros: Micros | null;
  readonly buyNowMicros: Micros | null;
  /** Whether a bid may carry a maximum. */
  readonly proxy: boolean;
  readonly softClose: SoftClose | null;
  /** Whether the public sees other bidders masked. */
  readonly maskBidders: boolean;
  /** Dollars when absent. Amounts are whole numbers of its minor unit. */
  readonly currency?: Currency;
};

/** What opens an item. `opensAtMs` null is at once, `closesAtMs` null is only by hand. */
export type ItemDefinition = {
  readonly itemId: string;
  readonly name: string;
  readonly policy: ItemPolicy;
  readonly opensAtMs: number | null;
  readonly closesAtMs: number | null;
  /**
   * Makes the aliases of its bidders: drawn when it is opened, kept with it, and in nothing that leaves
   * the server. An item that was opened by an earlier version has none.
   */
  readonly maskSecret?: string;
};

export type ItemStatus = 'scheduled' | 'active' | 'ended';
export type ItemOutcome = 'sold' | 'passed' | 'reserve-not-met';

/** Everything that the rules need of an item, and nothing else. */
export type ItemState = ItemDefinition & {
  /** Names this life of the item's history: a new one when a history was lost. */
  readonly epoch: string;
  /** The number of events so far; the next event has `seq + 1`. */
  readonly seq: number;
  readonly status: ItemStatus;
  readonly outcome: ItemOutcome | null;
  /** The current bid; zero before the first. */
  readonly priceMicros: Micros;
  readonly leaderId: string | null;
  /** The leader's secret maximum, at least the price; zero before the first bid. */
  readonly leaderMaxMicros: Micros;
  /** Bids that moved the price and stand: not raised maxima, not what was retracted. */
  readonly bidCount: number;
  /** The end in force: `closesAtMs`, moved by soft closes. */
  readonly endsAtMs: number | null;
  /** Who may not bid any more, at most `MOST_BANNED`; absent while nobody is. */
  readonly bannedIds?: readonly string[];
};

/** The state of an item is written with every bid: what grows with it has a bound. */
export const MOST_BANNED = 1_000;

/** Who leads, at what price, up to which secret maximum. */
export type Standing = Pick<ItemState, 'priceMicros' | 'leaderId' | 'leaderMaxMicros'>;

/** What an item's book keeps of an accepted bid, in secret, so that a retraction can replay it. */
export type BidRecord = {
  readonly bidId: string;
  readonly userId: string;
  /** The visible bid; null asks for the least that would do, and needs a maximum. */
  readonly amountMicros: Micros | null;
  /** The most that the bidder's proxy may go to; null for a straight bid. */
  readonly maxMicros: Micros | null;
};

/** One bid as it reaches the rule; ids and time are given, never made there. */
export type PlaceBid = BidRecord & {
  /** Names the event, if one is made. A buy now's close event is named with `:end` behind it. */
  readonly eventId: string;
  /** Asks for the item at its buy-now price; amount and maximum are not looked at. */
  readonly buyNow: boolean;
};

export const REFUSALS = [
  'bid_too_low',
  'maximum_too_low',
  'not_open_yet',
  'ended',
  'proxy_not_allowed',
  'buy_now_not_available',
  'banned',
  'amount_too_fine',
] as const;
export type Refusal = (typeof REFUSALS)[number];

type EventHead = {
  readonly eventId: string;
  readonly itemId: string;
  readonly epoch: string;
  readonly seq: number;
  readonly atMs: number;
};

/**
 * The price rose. `userId` leads with `amountMicros`, which is the price now.
 *
 * `byProxy` says that the leader's proxy answered; then `beaten` is the bid that it outbid, at the most
 * that it offered: an outbid maximum is spent, and the new price shows it anyway. The field keeps its
 * name because events are stored and sent as this JSON.
 */
export type BidEvent = EventHead & {
  readonly type: 'bid';
  readonly bidId: string;
  readonly userId: string;
  readonly amountMicros: Micros;
  readonly previousMicros: Micros;
  readonly byProxy: boolean;
  readonly beaten: { readonly userId: string; readonly amountMicros: Micros } | null;
  readonly reserveMet: boolean;
  readonly endsAtMs: number | null;
};

/** A compensating event: one bid no longer counts, or no bid and no maximum of one bidder. */
export type RetractEvent = EventHead & {
  readonly type: 'retract';
  /** Null when a bidder was removed. */
  readonly retractedBidId: string | null;
  /** Absent when one bid was taken back. */
  readonly removedUserId?: string;
  readonly priceMicros: Micros;
  readonly leaderId: string | null;
  readonly reserveMet: boolean;
};

/** The only thing that says that an item has ended. */
export type CloseEvent = EventHead & {
  readonly type: 'close';
  readonly outcome: ItemOutcome;
  readonly winnerId: string | null;
  readonly priceMicros: Micros;
};

export type ItemEvent = BidEvent | RetractEvent | CloseEvent;

/** A decision of the rule: the next state and its events (none when only a maximum was raised). */
export type Accepted = {
  readonly accepted: true;
  readonly state: ItemState;
  readonly events: readonly ItemEvent[];
  /** Whether the bidder leads now. */
  readonly isHighest: boolean;
  /** Whether the leader's proxy outbid the bid at once. */
  readonly outbidByProxy: boolean;
  /** What the book keeps of the bid: retractions replay it. */
  readonly record: BidRecord;
};

export type Refused = {
  readonly accepted: false;
  readonly code: Refusal;
  /** The next amount that would do (before the opening: once it is open), null when none would. */
  readonly nextMicros: Micros | null;
};

export type Decision = Accepted | Refused;
