/**
 * The prices of the log: each bid exceeds the price before it by the increment; no bid after the
 * end.
 *
 * A retraction may lower the price, and raise it by at most an increment (where a tie is no longer
 * one). A leader's own proxy may raise the price by less than the increment (to the reserve), and
 * buy now has its own price. The end by time is checked on the book's clock; a bid at the very end
 * is too late.
 */
import type { Micros } from '../../src/core/money.ts';
import type { BidEvent, CloseEvent, RetractEvent } from '../../src/live/rule/item.ts';
import type { Evidence } from './evidence.ts';
import type { LogStep, Standing } from './log-index.ts';
import { challengeOf } from './log-index.ts';
import type { Violation } from './violation.ts';
import { createViolation } from './violation.ts';

function checkRise(event: BidEvent, found: Standing): Violation[] {
  const { seq, amountMicros } = event;
  const violations: Violation[] = [];
  if (amountMicros <= found.priceMicros) {
    const sentence = `seq ${seq} has price ${amountMicros} after price ${found.priceMicros}`;
    violations.push(createViolation('price-not-rising', sentence));
  }
  if (event.previousMicros !== found.priceMicros) {
    const sentence = `seq ${seq} names ${event.previousMicros} as the price before, it was ${found.priceMicros}`;
    violations.push(createViolation('price-chain', sentence));
  }
  return violations;
}

function isExempt(event: BidEvent, found: Standing, buyNowMicros: Micros | null): boolean {
  return challengeOf(event).userId === found.leaderId || event.amountMicros === buyNowMicros;
}

function checkIncrement(event: BidEvent, found: Standing, evidence: Evidence): Violation[] {
  const nextMicros = evidence.nextMicrosAt(found.priceMicros, found.bidCount);
  const { amountMicros } = challengeOf(event);
  const isEnough = nextMicros !== null && amountMicros >= nextMicros;
  const { buyNowMicros } = evidence.history.definition.policy;
  if (isEnough || isExempt(event, found, buyNowMicros)) return [];
  const sentence = `seq ${event.seq} took a bid of ${amountMicros}, the least was ${nextMicros}`;
  return [createViolation('increment-not-met', sentence)];
}

/** Only the leader's proxy can answer a bid. */
function checkLeader({ seq, userId, beaten }: BidEvent, { leaderId }: Standing): Violation[] {
  if (beaten === null || userId === leaderId) return [];
  const sentence = `seq ${seq} is an answer of ${userId}'s proxy, but ${leaderId} led`;
  return [createViolation('wrong-leader', sentence)];
}

function checkInTime({ seq, atMs }: BidEvent, found: Standing): Violation[] {
  const { closed, endsAtMs } = found;
  if (closed) return [createViolation('late-accept', `seq ${seq} is a bid after the close event`)];
  if (endsAtMs === null || atMs < endsAtMs) return [];
  return [
    createViolation('late-accept', `seq ${seq} is a bid at ${atMs}, the end was ${endsAtMs}`),
  ];
}

function checkClose(event: CloseEvent, found: Standing): Violation[] {
  if (found.closed) {
    return [createViolation('close-differs', `seq ${event.seq} closes what was closed before`)];
  }
  const winnerId = event.outcome === 'sold' ? found.leaderId : null;
  if (event.priceMicros === found.priceMicros && event.winnerId === winnerId) return [];
  const told = `${event.outcome} to ${event.winnerId} at ${event.priceMicros}`;
  const sentence = `seq ${event.seq} closes as ${told}, ${found.leaderId} led at ${found.priceMicros}`;
  return [createViolation('close-differs', sentence)];
}

function checkRetract(event: RetractEvent, found: Standing, evidence: Evidence): Violation[] {
  const highestMicros = evidence.nextMicrosAt(found.priceMicros, found.bidCount);
  if (highestMicros === null || event.priceMicros <= highestMicros) return [];
  const sentence = `seq ${event.seq} retracts and raises the price to ${event.priceMicros}`;
  return [createViolation('price-chain', sentence)];
}

function checkStep({ event, found }: LogStep, evidence: Evidence): Violation[] {
  if (event.type === 'close') return checkClose(event, found);
  if (event.type === 'retract') return checkRetract(event, found, evidence);
  return [
    ...checkRise(event, found),
    ...checkIncrement(event, found, evidence),
    ...checkLeader(event, found),
    ...checkInTime(event, found),
  ];
}

export function checkPrice(evidence: Evidence): Violation[] {
  return evidence.log.steps.flatMap((step) => checkStep(step, evidence));
}
