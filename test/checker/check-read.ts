/** Every read shows the state at its seq; the order check proves that the seq is current. */
import type { Evidence } from './evidence.ts';
import type { ReadOperation } from './history.ts';
import type { Violation } from './violation.ts';
import { createViolation } from './violation.ts';

function checkOne(read: ReadOperation, { log }: Evidence): Violation[] {
  const standing = read.answer === null ? undefined : log.standingAt(read.answer.seq);
  if (read.answer === null || standing === undefined) return [];
  const { seq, priceMicros, status } = read.answer;
  const violations: Violation[] = [];
  if (priceMicros !== standing.priceMicros) {
    const sentence = `the read shows price ${priceMicros}, at seq ${seq} it was ${standing.priceMicros}`;
    violations.push(createViolation('read-differs', sentence, [read]));
  }
  if ((status === 'ended') !== standing.closed) {
    const sentence = `the read shows ${status}, at seq ${seq} closed was ${standing.closed}`;
    violations.push(createViolation('read-differs', sentence, [read]));
  }
  return violations;
}

export function checkRead(evidence: Evidence): Violation[] {
  return evidence.reads.flatMap((read) => checkOne(read, evidence));
}
