/** The report of a check: a stable kind, one sentence, and the calls that show it. */
import type { Operation } from './history.ts';

export const VIOLATION_KINDS = [
  'foreign-event',
  'seq-gap',
  'seq-duplicate',
  'seq-order',
  'event-twice',
  'price-not-rising',
  'price-chain',
  'increment-not-met',
  'wrong-leader',
  'late-accept',
  'close-differs',
  'accepted-missing',
  'accepted-differs',
  'accepted-without-event',
  'event-claimed-twice',
  'phantom-event',
  'real-time-order',
  // Stale: an older state than one shown before the call. Early: one that no call had asked for
  // yet.
  'stale-refusal',
  'stale-raise',
  'stale-read',
  'early-refusal',
  'early-raise',
  'early-read',
  'refusal-without-cause',
  'refusal-differs',
  'read-differs',
  'replay-differs',
  'key-taken-twice',
  'archive-missing',
  'archive-twice',
  'archive-altered',
  'archive-foreign',
  'viewer-gap',
  'viewer-regress',
  'viewer-phantom',
] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

export type Violation = {
  readonly kind: ViolationKind;
  readonly sentence: string;
  readonly operations: readonly Operation[];
};

export function createViolation(
  kind: ViolationKind,
  sentence: string,
  operations: readonly Operation[] = [],
): Violation {
  return { kind, sentence, operations };
}

const SHOWN = 10;

function nameOperation(operation: Operation): string {
  const window = `[${operation.invokedMs}, ${operation.respondedMs ?? 'no answer'}] ms`;
  if (operation.kind === 'read') return `read ${window}`;
  const { userId, amountMicros, maxMicros, answer } = operation;
  const maximum = maxMicros === null ? '' : `, maximum ${maxMicros}`;
  return `bid of ${userId} for ${amountMicros}${maximum} ${window}, ${answer.kind}`;
}

function describeViolation({ kind, sentence, operations }: Violation): string {
  const calls = operations.map((operation) => `\n    ${nameOperation(operation)}`);
  return `  ${kind}: ${sentence}${calls.join('')}`;
}

/** For the message of a failing test: how many of each kind, and the first few in full. */
export function describeViolations(violations: readonly Violation[]): string {
  const counts = new Map<ViolationKind, number>();
  for (const { kind } of violations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const totals = [...counts].map(([kind, count]) => `${count} ${kind}`);
  const shown = violations.slice(0, SHOWN).map(describeViolation);
  return [totals.length === 0 ? 'no violation' : totals.join(', '), ...shown].join('\n');
}
