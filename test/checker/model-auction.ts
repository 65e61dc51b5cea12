/**
 * The smallest correct item auction with proxies, to make histories: one state, one bid at a time.
 *
 * Deliberately not the system's own rule: that must not validate the checker that judges it.
 */
import { type Micros, toMicros, ZERO_MICROS } from '../../src/core/money.ts';
import type { BidEvent, ItemDefinition, ItemEvent, Refusal } from '../../src/live/rule/item.ts';
import type { DecidedAnswer } from './command.ts';
import type { BidParameters, ReadAnswer } from './history.ts';

export const STEP_MICROS = 1_000_000;
const START_MICROS = toMicros(10 * STEP_MICROS);

/** A fixed increment, as the model and its histories use it. */
export function nextMicrosAt(priceMicros: Micros, bidCount: number): Micros {
  return bidCount === 0 ? START_MICROS : toMicros(priceMicros + STEP_MICROS);
}

export function createDefinition(opensAtMs: number, closesAtMs: number | null): ItemDefinition {
  const increment = { kind: 'fixed', amountMicros: toMicros(STEP_MICROS) } as const;
  const secrets = { reserveMicros: null, buyNowMicros: null, softClose: null };
  const policy = { startMicros: START_MICROS, increment, ...secrets, proxy: true } as const;
  const times = { opensAtMs, closesAtMs };
  return { itemId: 'item-1', name: 'lamp', policy: { ...policy, maskBidders: false }, ...times };
}

export type ModelAuction = {
  readonly log: readonly ItemEvent[];
  place(bid: BidParameters, atMs: number): DecidedAnswer;
  retract(atMs: number): void;
  close(atMs: number): void;
  read(atMs: number): ReadAnswer;
};

type Lead = {
  readonly priceMicros: Micros;
  readonly leaderId: string | null;
  readonly leaderMaxMicros: Micros;
  readonly bidCount: number;
};

type Change = Pick<BidEvent, 'userId' | 'amountMicros' | 'beaten'> & {
  readonly leaderMaxMicros: number;
};

const NO_LEAD: Lead = {
  priceMicros: ZERO_MICROS,
  leaderId: null,
  leaderMaxMicros: ZERO_MICROS,
  bidCount: 0,
};

/** Undefined when neither leader nor price changes: the leader only raises its maximum. */
function changeOf(lead: Lead, userId: string, offer: { amount: number; most: number }) {
  const change = (micros: number, leaderMaxMicros: number): Change => ({
    userId,
    amountMicros: toMicros(micros),
    beaten: null,
    leaderMaxMicros,
  });
  const { leaderId, leaderMaxMicros } = lead;
  if (leaderId === null) return change(offer.amount, offer.most);
  if (leaderId === userId) {
    if (offer.most > offer.amount) return undefined;
    return change(offer.amount, Math.max(offer.most, leaderMaxMicros));
  }
  if (offer.most > leaderMaxMicros) {
    const leastMicros = Math.min(leaderMaxMicros + STEP_MICROS, offer.most);
    return change(Math.max(offer.amount, leastMicros), offer.most);
  }
  const answerMicros = Math.min(offer.most + STEP_MICROS, leaderMaxMicros);
  const beaten = { userId, amountMicros: toMicros(offer.most) };
  return { ...change(answerMicros, leaderMaxMicros), userId: leaderId, beaten };
}

/** The fault in the amounts of a bid that came in time; null for none. */
function amountRefusalOf(bid: BidParameters, lead: Lead): Refusal | null {
  const { amountMicros, maxMicros } = bid;
  const leastMicros = nextMicrosAt(lead.priceMicros, lead.bidCount);
  if (bid.buyNow) return 'buy_now_not_available';
  if (amountMicros !== null && amountMicros < leastMicros) return 'bid_too_low';
  if (maxMicros === null) return amountMicros === null ? 'maximum_too_low' : null;
  if (maxMicros < (amountMicros ?? leastMicros)) return 'maximum_too_low';
  const raisesOwn = bid.userId === lead.leaderId;
  return raisesOwn && maxMicros <= lead.leaderMaxMicros ? 'maximum_too_low' : null;
}

export function createModelAuction(definition: ItemDefinition): ModelAuction {
  const { itemId, opensAtMs, closesAtMs: endsAtMs } = definition;
  const log: ItemEvent[] = [];
  let lead = NO_LEAD;
  let before: { readonly lead: Lead; readonly bidId: string } | null = null;
  let closed = false;

  const headAt = (atMs: number) => {
    const seq = log.length + 1;
    return { eventId: `event-${seq}`, itemId, epoch: 'epoch-1', seq, atMs };
  };

  function follow(change: Change, atMs: number): BidEvent {
    const { leaderMaxMicros, ...shown } = change;
    const head = headAt(atMs);
    const bidId = `bid-${head.seq}`;
    const previousMicros = lead.priceMicros;
    const flags = { byProxy: change.beaten !== null, reserveMet: true, endsAtMs };
    const event: BidEvent = { ...head, type: 'bid', bidId, ...shown, previousMicros, ...flags };
    log.push(event);
    before = { lead, bidId };
    lead = {
      priceMicros: change.amountMicros,
      leaderId: change.userId,
      leaderMaxMicros: toMicros(leaderMaxMicros),
      bidCount: lead.bidCount + 1,
    };
    return event;
  }

  function refusalOf(bid: BidParameters, atMs: number): Refusal | null {
    if (closed || (endsAtMs !== null && atMs >= endsAtMs)) return 'ended';
    if (opensAtMs !== null && atMs < opensAtMs) return 'not_open_yet';
    return amountRefusalOf(bid, lead);
  }

  function place(bid: BidParameters, atMs: number): DecidedAnswer {
    const leastMicros = nextMicrosAt(lead.priceMicros, lead.bidCount);
    const code = refusalOf(bid, atMs);
    if (code !== null) {
      const nextMicros = code === 'ended' ? null : leastMicros;
      const { priceMicros } = lead;
      return { kind: 'refused', code, seq: log.length, priceMicros, nextMicros };
    }
    const amount = bid.amountMicros ?? leastMicros;
    const most = bid.maxMicros ?? amount;
    const change = changeOf(lead, bid.userId, { amount, most });
    const event = change === undefined ? null : follow(change, atMs);
    if (event === null) lead = { ...lead, leaderMaxMicros: toMicros(most) };
    const isHighest = lead.leaderId === bid.userId;
    const { priceMicros } = lead;
    const told = { seq: log.length, priceMicros, isHighest, outbidByProxy: !isHighest };
    const bidId = event?.bidId ?? `raise-${atMs}`;
    return { kind: 'accepted', eventId: event?.eventId ?? null, bidId, ...told };
  }

  function retract(atMs: number): void {
    if (before === null || closed) return;
    ({ lead } = before);
    const { priceMicros, leaderId } = lead;
    const told = { retractedBidId: before.bidId, priceMicros, leaderId, reserveMet: true };
    log.push({ ...headAt(atMs), type: 'retract', ...told });
    before = null;
  }

  function close(atMs: number): void {
    const { leaderId: winnerId, priceMicros } = lead;
    const outcome = winnerId === null ? 'passed' : 'sold';
    log.push({ ...headAt(atMs), type: 'close', outcome, winnerId, priceMicros });
    closed = true;
  }

  function read(atMs: number): ReadAnswer {
    const opened = opensAtMs === null || atMs >= opensAtMs;
    const status = closed ? 'ended' : opened ? 'active' : 'scheduled';
    return { seq: log.length, priceMicros: lead.priceMicros, status };
  }

  return { log, place, retract, close, read };
}
