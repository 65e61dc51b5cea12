/**
 * Takes bids back, as if they had never been placed: the other accepted bids are counted again.
 *
 * Either one bid, or all bids and maxima of one bidder, who may be kept away from then on. The others all
 * still count: who offered most leads. Only here may a price fall (and it may rise by one increment, where
 * a tie is no longer one). The end in force stays, also when a bid that is taken back had moved it; what
 * was told stays told, so it is one more event. An ended item keeps its outcome.
 */
import type { BidRecord, ItemPolicy, ItemState, RetractEvent, Standing } from './item.ts';
import { MOST_BANNED } from './item.ts';
import { isOver } from './life.ts';
import { reserveMet } from './reserve.ts';
import { NO_BID, settle } from './standing.ts';

/** One bid, or all that one bidder has bid. `ban` refuses the bidder's later bids. */
export type Unwanted =
  | { readonly bidId: string }
  | { readonly userId: string; readonly ban: boolean };

export type Retracted = { readonly state: ItemState; readonly event: RetractEvent };

/** What the history comes to without the unwanted bids. */
export type Recount = {
  /** The next accepted bid, oldest first. */
  add(record: BidRecord): void;
  result(): {
    readonly standing: Standing & { readonly bidCount: number };
    readonly unwantedCount: number;
  };
};

export function createRecount(policy: ItemPolicy, unwanted: Unwanted): Recount {
  const isUnwanted = testOf(unwanted);
  let standing = NO_BID;
  let bidCount = 0;
  let unwantedCount = 0;
  return {
    add: (record) => {
      if (isUnwanted(record)) {
        unwantedCount += 1;
        return;
      }
      const next = settle(standing, record, policy).standing;
      if (next.priceMicros > standing.priceMicros) bidCount += 1;
      standing = next;
    },
    result: () => ({ standing: { ...standing, bidCount }, unwantedCount }),
  };
}

export function testOf(unwanted: Unwanted): (record: BidRecord) => boolean {
  if ('bidId' in unwanted) return (record) => record.bidId === unwanted.bidId;
  return (record) => record.userId === unwanted.userId;
}

/**
 * @param history the records of all accepted bids that were not taken back, oldest first. The caller
 *   drops the unwanted ones from it.
 * @returns see `takeBack`
 */
export function takeBackFrom(
  history: readonly BidRecord[],
  item: ItemState,
  { unwanted, eventId, nowMs }: { unwanted: Unwanted; eventId: string; nowMs: number },
): Retracted | null {
  const recount = createRecount(item.policy, unwanted);
  for (const record of history) recount.add(record);
  return takeBack(item, { unwanted, eventId, recount }, nowMs);
}

/**
 * @param recount has been given the whole history
 * @returns null when the item is over, too many are banned already, or nothing changes: no such bid, no
 *   bid of that bidder and no new ban.
 */
export function takeBack(
  item: ItemState,
  { unwanted, eventId, recount }: { unwanted: Unwanted; eventId: string; recount: Recount },
  nowMs: number,
): Retracted | null {
  const { standing, unwantedCount } = recount.result();
  const bannedIds = item.bannedIds ?? [];
  const newlyBanned = bansAnew(bannedIds, unwanted);
  if (isOver(item, nowMs) || (unwantedCount === 0 && newlyBanned.length === 0)) return null;
  if (bannedIds.length + newlyBanned.length > MOST_BANNED) return null;
  const next = { ...item, ...standing, seq: item.seq + 1 };
  const state: ItemState =
    newlyBanned.length === 0 ? next : { ...next, bannedIds: [...bannedIds, ...newlyBanned] };
  return { state, event: eventOf(state, { unwanted, eventId, nowMs }) };
}

function bansAnew(bannedIds: readonly string[], unwanted: Unwanted): string[] {
  if ('bidId' in unwanted || !unwanted.ban || bannedIds.includes(unwanted.userId)) return [];
  return [unwanted.userId];
}

function eventOf(
  state: ItemState,
  { unwanted, eventId, nowMs }: { unwanted: Unwanted; eventId: string; nowMs: number },
): RetractEvent {
  const event: RetractEvent = {
    type: 'retract',
    eventId,
    itemId: state.itemId,
    epoch: state.epoch,
    seq: state.seq,
    atMs: nowMs,
    retractedBidId: 'bidId' in unwanted ? unwanted.bidId : null,
    priceMicros: state.priceMicros,
    leaderId: state.leaderId,
    reserveMet: reserveMet(state),
  };
  return 'bidId' in unwanted ? event : { ...event, removedUserId: unwanted.userId };
}
