/**
 * What anybody may see of an item and of its events: neither a maximum nor the reserve, and bidders
 * by an alias when the item masks them, all but the one who looks. The admin sees all ids.
 */
import type { Micros } from '../../core/money.ts';
import { currencyOf } from './currency.ts';
import type {
  BidEvent,
  CloseEvent,
  ItemEvent,
  ItemOutcome,
  ItemState,
  ItemStatus,
  RetractEvent,
} from './item.ts';
import { isOver, nextMicros, statusAt } from './life.ts';
import { buyNowOffer, reserveMet } from './reserve.ts';

export type ItemView = {
  readonly itemId: string;
  readonly name: string;
  /** By its ISO 4217 code. */
  readonly currency: string;
  readonly epoch: string;
  readonly seq: number;
  /** `ended` only when the close event was made, never by a clock alone. */
  readonly status: ItemStatus;
  readonly outcome: ItemOutcome | null;
  readonly startMicros: Micros;
  readonly priceMicros: Micros;
  /** An alias when the item masks its bidders, but never to the leader. */
  readonly leaderId: string | null;
  readonly bidCount: number;
  readonly reserveMet: boolean;
  readonly nextMicros: Micros | null;
  /** Null when it cannot be had (any more). */
  readonly buyNowMicros: Micros | null;
  readonly opensAtMs: number | null;
  readonly endsAtMs: number | null;
};

/** What an event says, without what an outbid bidder had offered: that may be somebody's maximum. */
export type EventView = BidView | RetractEvent | CloseEvent;

export type BidView = Omit<BidEvent, 'beaten'> & { readonly outbidUserId: string | null };

/** Who looks, as far as that is proved. */
export type Looker = { readonly userId: string | null; readonly seesAll: boolean };

export const PUBLIC: Looker = { userId: null, seesAll: false };
export const ADMIN: Looker = { userId: null, seesAll: true };

/** How one who looks sees the id of a bidder. */
export type Lens = (userId: string) => string;

export const UNMASKED: Lens = (userId) => userId;

/**
 * Makes the alias of a bidder: the same for the same secret and id, different for others, and of use
 * to nobody who does not know the secret.
 */
export type AliasOf = (secret: string, userId: string) => string;

/** Of an item that was opened before aliases were: nobody can be told from another. */
const NAMELESS = '********';

/** How `looker` sees the bidders of an item. To be kept no longer than for one answer. */
export function lensOf(
  { policy, maskSecret }: Pick<ItemState, 'policy' | 'maskSecret'>,
  looker: Looker,
  aliasOf: AliasOf,
): Lens {
  if (!policy.maskBidders || looker.seesAll) return UNMASKED;
  const known = new Map<string, string>();
  return (userId) => {
    if (userId === looker.userId) return userId;
    const alias = known.get(userId) ?? (maskSecret ? aliasOf(maskSecret, userId) : NAMELESS);
    known.set(userId, alias);
    return alias;
  };
}

export function itemView(item: ItemState, nowMs: number, lens: Lens): ItemView {
  const { leaderId, policy } = item;
  return {
    itemId: item.itemId,
    name: item.name,
    currency: currencyOf(policy).code,
    epoch: item.epoch,
    seq: item.seq,
    status: statusAt(item, nowMs),
    outcome: item.outcome,
    startMicros: policy.startMicros,
    priceMicros: item.priceMicros,
    leaderId: shownOrNull(leaderId, lens),
    bidCount: item.bidCount,
    reserveMet: reserveMet(item),
    nextMicros: nextMicros(item, nowMs),
    buyNowMicros: isOver(item, nowMs) ? null : buyNowOffer(item),
    opensAtMs: item.opensAtMs,
    endsAtMs: item.endsAtMs,
  };
}

export function eventView(event: ItemEvent, lens: Lens): EventView {
  switch (event.type) {
    case 'bid':
      return bidView(event, lens);
    case 'retract':
      return retractView(event, lens);
    case 'close':
      return { ...event, winnerId: shownOrNull(event.winnerId, lens) };
  }
}

function bidView({ beaten, ...event }: BidEvent, lens: Lens): BidView {
  const outbidUserId = shownOrNull(beaten?.userId ?? null, lens);
  return { ...event, userId: lens(event.userId), outbidUserId };
}

function retractView(event: RetractEvent, lens: Lens): RetractEvent {
  const leaderId = shownOrNull(event.leaderId, lens);
  if (event.removedUserId === undefined) return { ...event, leaderId };
  return { ...event, leaderId, removedUserId: lens(event.removedUserId) };
}

function shownOrNull(userId: string | null, lens: Lens): string | null {
  return userId === null ? null : lens(userId);
}

/** Whether the view of an event names this bidder. */
export function concerns(event: ItemEvent, userId: string): boolean {
  switch (event.type) {
    case 'bid':
      return event.userId === userId || event.beaten?.userId === userId;
    case 'retract':
      return event.leaderId === userId || event.removedUserId === userId;
    case 'close':
      return event.winnerId === userId;
  }
}
