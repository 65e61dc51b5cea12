/**
 * Histories of a few calls written by hand, amounts in whole units. Increment 1, start price 10.
 */
import { toMicros, ZERO_MICROS } from '../../src/core/money.ts';
import type {
  BidEvent,
  CloseEvent,
  ItemEvent,
  ItemPolicy,
  RetractEvent,
} from '../../src/live/rule/item.ts';
import { checkHistory } from './checker.ts';
import type { AcceptedAnswer, BidOperation, History, Operation, RefusedAnswer } from './history.ts';
import { createDefinition, nextMicrosAt } from './model-auction.ts';

export const UNITS = 1_000_000;
const HEAD = { itemId: 'item-1', epoch: 'epoch-1', atMs: 5 };

export function bidEvent(
  seq: number,
  userId: string,
  units: { from: number; to: number },
): BidEvent {
  const ids = { ...HEAD, seq, eventId: `e${seq}`, bidId: `b${seq}` };
  const amountMicros = toMicros(units.to * UNITS);
  const previousMicros = toMicros(units.from * UNITS);
  const flags = { byProxy: false, beaten: null, reserveMet: true, endsAtMs: null };
  return { ...ids, type: 'bid', userId, amountMicros, previousMicros, ...flags };
}

export function closeEvent(seq: number, winnerId: string, units: number): CloseEvent {
  const priceMicros = toMicros(units * UNITS);
  return {
    ...HEAD,
    seq,
    eventId: `e${seq}`,
    type: 'close',
    outcome: 'sold',
    winnerId,
    priceMicros,
  };
}

export function call(
  userId: string,
  units: number | null,
  rest: Partial<BidOperation>,
): BidOperation {
  return {
    kind: 'bid',
    userId,
    amountMicros: units === null ? null : toMicros(units * UNITS),
    maxMicros: null,
    buyNow: false,
    idempotencyKey: null,
    invokedMs: 0,
    respondedMs: null,
    answer: { kind: 'unknown' },
    ...rest,
  };
}

export function accepted(seq: number, units: number): AcceptedAnswer {
  const told = { seq, eventId: `e${seq}`, bidId: `b${seq}`, priceMicros: toMicros(units * UNITS) };
  return { kind: 'accepted', ...told, isHighest: true, outbidByProxy: false };
}

export function refused(seq: number, units: number): RefusedAnswer {
  const priceMicros = toMicros(units * UNITS);
  const nextMicros = nextMicrosAt(priceMicros, seq);
  return { kind: 'refused', code: 'bid_too_low', seq, priceMicros, nextMicros };
}

/** A retraction as seq 2 that leaves no bid. */
export const RETRACT: RetractEvent = {
  ...HEAD,
  seq: 2,
  eventId: 'e2',
  type: 'retract',
  retractedBidId: 'b1',
  priceMicros: ZERO_MICROS,
  leaderId: null,
  reserveMet: false,
};

/** The kinds of violations in a history without viewers and with a complete archive. */
export function kindsOf(
  log: readonly ItemEvent[],
  operations: readonly Operation[],
  policy: Partial<ItemPolicy> = {},
): string[] {
  const plain = createDefinition(0, null);
  const definition = { ...plain, policy: { ...plain.policy, ...policy } };
  const history: History = { definition, operations, log, archive: log, viewers: [] };
  return checkHistory(history, nextMicrosAt).map(({ kind }) => kind);
}
