/**
 * Every bid of the log has a cause: the command whose answer names it, or else a command without an
 * answer, of the same user, for the same amount, called in time. One command causes one bid.
 *
 * Plain bids fit one amount; a maximum fits every amount up to it. The plain ones are used up
 * first, then the least maximum that fits: the remaining ones can explain all that a used one
 * could.
 */
import type { Command } from './command.ts';
import type { Evidence } from './evidence.ts';
import type { LeastTree } from './least-tree.ts';
import { createLeastTree } from './least-tree.ts';
import { challengeOf } from './log-index.ts';
import { indexAbove } from './sorted.ts';
import type { Violation } from './violation.ts';
import { createViolation } from './violation.ts';

type Claim = { readonly highestMicros: number; readonly invokedMs: number };

/** The undecided commands of one user. */
type Suspects = {
  /** By amount, the earliest call last. */
  readonly straight: Map<number, number[]>;
  /** By maximum, rising. */
  readonly maxima: Claim[];
  tree: LeastTree;
};

function createSuspects(commands: readonly Command[], buyNowMicros: number | null): Suspects {
  const straight = new Map<number, number[]>();
  const maxima: Claim[] = [];
  for (const { first, invokedMs } of commands) {
    const amountMicros = first.buyNow ? buyNowMicros : first.amountMicros;
    if (first.maxMicros !== null && !first.buyNow) {
      maxima.push({ highestMicros: Math.max(first.maxMicros, amountMicros ?? 0), invokedMs });
    } else if (amountMicros !== null) {
      const calls = straight.get(amountMicros) ?? [];
      straight.set(amountMicros, calls);
      calls.push(invokedMs);
    }
  }
  for (const calls of straight.values()) calls.sort((left, right) => right - left);
  maxima.sort((left, right) => left.highestMicros - right.highestMicros);
  return { straight, maxima, tree: createLeastTree(maxima.map(({ invokedMs }) => invokedMs)) };
}

const highestOf = ({ highestMicros }: Claim): number => highestMicros;

/** Uses up one suspect that may have bid that amount by that time; false when there is none. */
function useUp(suspects: Suspects, amountMicros: number, byMs: number): boolean {
  const calls = suspects.straight.get(amountMicros);
  const earliestMs = calls?.at(-1);
  if (earliestMs !== undefined && earliestMs <= byMs) {
    calls?.pop();
    return true;
  }
  const from = indexAbove(suspects.maxima, amountMicros - 1, highestOf);
  const place = suspects.tree.firstAtMost(byMs, from);
  if (place !== undefined) suspects.tree.remove(place);
  return place !== undefined;
}

/** Commands that may have taken effect unseen: undecided, and their key not decided otherwise. */
function undecidedByUser({ groups, history }: Evidence): Map<string, Suspects> {
  const byUser = new Map<string, Command[]>();
  for (const { commands } of groups) {
    if (commands.some(({ decision }) => decision !== null)) continue;
    for (const command of commands) {
      const isOpen = command.operations.some(({ answer }) => answer.kind === 'unknown');
      if (!isOpen) continue;
      const fellows = byUser.get(command.first.userId) ?? [];
      byUser.set(command.first.userId, fellows);
      fellows.push(command);
    }
  }
  const { buyNowMicros } = history.definition.policy;
  const entries = [...byUser].map(
    ([userId, commands]) => [userId, createSuspects(commands, buyNowMicros)] as const,
  );
  return new Map(entries);
}

function answeredEvents({ commands }: Evidence): Set<string> {
  const answered = new Set<string>();
  for (const { decision } of commands) {
    if (decision?.kind === 'accepted' && decision.eventId !== null) answered.add(decision.eventId);
  }
  return answered;
}

export function checkCause(evidence: Evidence): Violation[] {
  const answered = answeredEvents(evidence);
  const undecided = undecidedByUser(evidence);
  const violations: Violation[] = [];
  for (const { event } of evidence.log.steps) {
    if (event.type !== 'bid' || answered.has(event.eventId)) continue;
    const { userId, amountMicros } = challengeOf(event);
    const suspects = undecided.get(userId);
    const byMs = evidence.windows.takenAtLatest(event.seq);
    if (suspects !== undefined && useUp(suspects, amountMicros, byMs)) continue;
    const sentence = `seq ${event.seq} is a bid of ${userId} for ${amountMicros} without a call`;
    violations.push(createViolation('phantom-event', sentence));
  }
  return violations;
}
