/**
 * The durable log, readable by seq and by event id, with the public state after each event.
 *
 * It accepts any log: a gap or a duplicate is no fault here, and a look-up returns the nearest
 * state at or below. A secret maximum is in no event and so in no standing.
 */
import type { Micros } from '../../src/core/money.ts';
import { ZERO_MICROS } from '../../src/core/money.ts';
import type { BidEvent, ItemDefinition, ItemEvent } from '../../src/live/rule/item.ts';
import { lastUpTo } from './sorted.ts';

/** The public state after the event `seq`. */
export type Standing = {
  readonly seq: number;
  readonly priceMicros: Micros;
  /** Exact until a retraction; after that only whether it is zero is reliable. */
  readonly bidCount: number;
  readonly leaderId: string | null;
  readonly endsAtMs: number | null;
  readonly closed: boolean;
};

/**
 * An event with the state before it; `found` is the state after the previous event in seq order.
 */
export type LogStep = { readonly event: ItemEvent; readonly found: Standing };

export type LogIndex = {
  readonly steps: readonly LogStep[];
  readonly byEventId: ReadonlyMap<string, ItemEvent>;
  /** Undefined beyond the log. */
  standingAt(seq: number): Standing | undefined;
  eventAt(seq: number): ItemEvent | undefined;
  /** Infinity, and zero, when there is no bid. */
  readonly firstBidSeq: number;
  readonly lastBidSeq: number;
};

/** The bidder and amount behind the event: those of the outbid one when a proxy answered it. */
export function challengeOf(event: BidEvent): { userId: string; amountMicros: Micros } {
  return event.beaten ?? event;
}

function follow(found: Standing, event: ItemEvent): Standing {
  const { seq } = event;
  if (event.type === 'close') return { ...found, seq, closed: true };
  if (event.type === 'retract') {
    const bidCount = event.leaderId === null ? 0 : Math.max(1, found.bidCount - 1);
    return { ...found, seq, priceMicros: event.priceMicros, leaderId: event.leaderId, bidCount };
  }
  return {
    seq,
    priceMicros: event.amountMicros,
    bidCount: found.bidCount + 1,
    leaderId: event.userId,
    endsAtMs: event.endsAtMs,
    closed: found.closed,
  };
}

function openingOf(definition: ItemDefinition): Standing {
  const endsAtMs = definition.closesAtMs;
  const priceMicros = ZERO_MICROS;
  return { seq: 0, priceMicros, bidCount: 0, leaderId: null, endsAtMs, closed: false };
}

const seqOf = (standing: Standing): number => standing.seq;

export function createLogIndex(definition: ItemDefinition, log: readonly ItemEvent[]): LogIndex {
  const opening = openingOf(definition);
  const standings: Standing[] = [opening];
  const steps: LogStep[] = [];
  const byEventId = new Map<string, ItemEvent>();
  const bySeq = new Map<number, ItemEvent>();
  let firstBidSeq = Number.POSITIVE_INFINITY;
  let lastBidSeq = 0;
  let found = opening;
  for (const event of log.toSorted((left, right) => left.seq - right.seq)) {
    steps.push({ event, found });
    found = follow(found, event);
    standings.push(found);
    if (!byEventId.has(event.eventId)) byEventId.set(event.eventId, event);
    if (!bySeq.has(event.seq)) bySeq.set(event.seq, event);
    if (event.type !== 'bid') continue;
    firstBidSeq = Math.min(firstBidSeq, event.seq);
    lastBidSeq = Math.max(lastBidSeq, event.seq);
  }
  const lastSeq = found.seq;
  const standingAt = (seq: number) => (seq > lastSeq ? undefined : lastUpTo(standings, seq, seqOf));
  const eventAt = (seq: number) => bySeq.get(seq);
  return { steps, byEventId, standingAt, eventAt, firstBidSeq, lastBidSeq };
}
