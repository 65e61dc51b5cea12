/**
 * The prices of the log: each bid above the price it found, by the increment; nothing after the end.
 *
 * A retraction may lower the price, never raise it. A leader's own proxy may lift the price by less
 * than the increment (to the reserve). The end by time is checked on the book's own clock.
 */
import type { Micros } from '../../src/core/money.ts';
import type { BidEvent, CloseEvent } from '../../src/live/rule/item.ts';
import type { Evidence } from './evidence.ts';
import type { LogStep, Standing } from './log-index.ts';
import { challengeOf } from './log-index.ts';
import type { Violation } from './violation.ts';
import { createViolation } from './violation.ts';

function checkRise(event: BidEvent, found: Standing, nextMicros: Micros | null): Violation[] {
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
  const challenge = challengeOf(event);
  const belowNext = nextMicros === null || challenge.amountMicros < nextMicros;
  if (belowNext && challenge.userId !== found.leaderId) {
    const sentence = `seq ${seq} took a bid of ${challenge.amountMicros}, the least was ${nextMicros}`;
    violations.push(createViolation('increment-not-met', sentence));
  }
  return violations;
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
  if (endsAtMs === null || atMs <= endsAtMs) return [];
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

function checkStep({ event, found }: LogStep, { nextMicrosAt }: Evidence): Violation[] {
  if (event.type === 'close') return checkClose(event, found);
  if (event.type === 'bid') {
    const nextMicros = nextMicrosAt(found.priceMicros, found.bidCount);
    const rise = checkRise(event, found, nextMicros);
    return [...rise, ...checkLeader(event, found), ...checkInTime(event, found)];
  }
  if (event.priceMicros <= found.priceMicros) return [];
  const sentence = `seq ${event.seq} retracts and raises the price to ${event.priceMicros}`;
  return [createViolation('price-chain', sentence)];
}

export function checkPrice(evidence: Evidence): Violation[] {
  return evidence.log.steps.flatMap((step) => checkStep(step, evidence));
}
