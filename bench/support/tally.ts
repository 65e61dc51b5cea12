/**
 * Sums up the attempts of a load: their number, their outcomes, the longest time without an answer.
 */
import { type Attempt, isAnswered, type Outcome } from './bid-load.ts';

export type Span = { readonly fromMs: number; readonly toMs: number };

export type Tally = {
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  /** Such as `12 unavailable, 3 timeout`; `none` when all were answered. */
  readonly errors: string;
  /** The share of the attempts that were answered, from 0 to 1. */
  readonly answered: number;
};

export function tallyOf(attempts: readonly Attempt[]): Tally {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of attempts) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const errors = [...counts].filter(([outcome]) => outcome !== 'accepted' && outcome !== 'refused');
  return {
    sent: attempts.length,
    accepted: counts.get('accepted') ?? 0,
    refused: counts.get('refused') ?? 0,
    errors: errors.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none',
    answered: attempts.filter(isAnswered).length / Math.max(1, attempts.length),
  };
}

/** The attempts that were under way at some time in the span. */
export function duringSpan(attempts: readonly Attempt[], { fromMs, toMs }: Span): Attempt[] {
  return attempts.filter(({ sentMs, endedMs }) => endedMs >= fromMs && sentMs <= toMs);
}

/** The longest time of the span without an answered bid. */
export function longestPauseMs(attempts: readonly Attempt[], { fromMs, toMs }: Span): number {
  const answeredMs = attempts
    .filter(isAnswered)
    .map(({ endedMs }) => endedMs)
    .filter((atMs) => atMs > fromMs && atMs < toMs)
    .toSorted((left, right) => left - right);
  const marks = [fromMs, ...answeredMs, toMs];
  return marks.reduce((most, atMs, place) => Math.max(most, atMs - (marks[place - 1] ?? atMs)), 0);
}

/** How long after a moment the first bid was answered; infinity when none was. */
export function backAfterMs(attempts: readonly Attempt[], fromMs: number): number {
  const later = attempts.filter((one) => isAnswered(one) && one.endedMs >= fromMs);
  return later.reduce(
    (least, { endedMs }) => Math.min(least, endedMs - fromMs),
    Number.POSITIVE_INFINITY,
  );
}
