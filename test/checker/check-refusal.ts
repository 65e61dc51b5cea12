/**
 * Every refusal is justified by the state at the seq it was judged at, and shows that state
 * correctly.
 *
 * A leader's secret maximum is in no event: a raise refused as too low is accepted when some call
 * of that user may have set a maximum at least as high. A refusal as ended before the close event
 * is accepted when no bid came after it. The order check reports a seq beyond the log.
 */
import { currencyOf } from '../../src/live/rule/currency.ts';
import type { Refusal } from '../../src/live/rule/item.ts';
import type { Command } from './command.ts';
import type { Evidence } from './evidence.ts';
import type { BidOperation, RefusedAnswer } from './history.ts';
import type { Standing } from './log-index.ts';
import { createMaximumBook, type MaximumBook } from './maximum-book.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { createViolation } from './violation.ts';

type Judgement = {
  readonly bid: BidOperation;
  readonly respondedMs: number;
  readonly standing: Standing;
  readonly nextMicros: number;
  readonly evidence: Evidence;
  readonly maxima: MaximumBook;
};

function isBelowOwnMaximum({ bid, respondedMs, standing, maxima }: Judgement): boolean {
  if (bid.maxMicros === null || standing.leaderId !== bid.userId) return false;
  return bid.maxMicros <= maxima.highestBy(bid.userId, respondedMs);
}

function isBuyNowOff({ bid, standing, evidence }: Judgement): boolean {
  const { buyNowMicros, reserveMicros } = evidence.history.definition.policy;
  if (!bid.buyNow) return false;
  if (buyNowMicros === null || standing.priceMicros >= buyNowMicros) return true;
  return standing.bidCount > 0 && standing.priceMicros >= (reserveMicros ?? 0);
}

const CAUSES: { readonly [code in Refusal]: (judgement: Judgement) => boolean } = {
  bid_too_low: ({ bid, nextMicros }) => (bid.amountMicros ?? bid.maxMicros ?? 0) < nextMicros,
  maximum_too_low: (judgement) => {
    const { bid, nextMicros } = judgement;
    if (bid.maxMicros === null) return bid.amountMicros === null;
    const leastMicros = Math.max(nextMicros, bid.amountMicros ?? 0);
    return bid.maxMicros < leastMicros || isBelowOwnMaximum(judgement);
  },
  not_open_yet: ({ standing, evidence }) =>
    evidence.history.definition.opensAtMs !== null && standing.seq < evidence.log.firstBidSeq,
  ended: ({ standing, evidence }) =>
    standing.closed || (standing.endsAtMs !== null && standing.seq >= evidence.log.lastBidSeq),
  proxy_not_allowed: ({ bid, evidence }) =>
    bid.maxMicros !== null && !evidence.history.definition.policy.proxy,
  buy_now_not_available: isBuyNowOff,
  amount_too_fine: ({ bid, evidence }) => {
    const { minorMicros } = currencyOf(evidence.history.definition.policy);
    return [bid.amountMicros, bid.maxMicros].some((micros) => (micros ?? 0) % minorMicros !== 0);
  },
  // An event says who was removed, none whether for good: a ban needs a removal at least.
  banned: ({ bid, evidence }) =>
    evidence.history.log.some(
      (event) => event.type === 'retract' && event.removedUserId === bid.userId,
    ),
};

/**
 * The next amount that the answer must name; undefined when it does not follow from the public log.
 */
function expectedNext(decision: RefusedAnswer, next: number | null): number | null | undefined {
  if (decision.code === 'bid_too_low') return next;
  return decision.code === 'ended' ? null : undefined;
}

function checkTold(
  decision: RefusedAnswer,
  standing: Standing,
  next: number | null,
): string | null {
  const { priceMicros, nextMicros, seq } = decision;
  if (priceMicros !== standing.priceMicros) {
    return `it showed price ${priceMicros}, at seq ${seq} it was ${standing.priceMicros}`;
  }
  const expected = expectedNext(decision, next);
  if (expected === undefined || expected === nextMicros) return null;
  return `it named ${nextMicros} as the next amount, at seq ${seq} it was ${expected}`;
}

function checkOne(
  command: Command & { readonly decision: RefusedAnswer },
  evidence: Evidence,
  maxima: MaximumBook,
): Violation[] {
  const { decision, first: bid, respondedMs } = command;
  const standing = evidence.log.standingAt(decision.seq);
  if (standing === undefined) return [];
  const report = (kind: ViolationKind, sentence: string) =>
    createViolation(kind, sentence, command.operations);
  const next = evidence.nextMicrosAt(standing.priceMicros, standing.bidCount);
  const nextMicros = next ?? Number.POSITIVE_INFINITY;
  const violations: Violation[] = [];
  if (!CAUSES[decision.code]({ bid, respondedMs, standing, nextMicros, evidence, maxima })) {
    const found = `price ${standing.priceMicros}, next ${next}`;
    const sentence = `${decision.code} at seq ${decision.seq} has no cause there (${found})`;
    violations.push(report('refusal-without-cause', sentence));
  }
  const difference = checkTold(decision, standing, next);
  if (difference !== null) violations.push(report('refusal-differs', difference));
  return violations;
}

function isRefused(command: Command): command is Command & { readonly decision: RefusedAnswer } {
  return command.decision?.kind === 'refused';
}

export function checkRefusal(evidence: Evidence): Violation[] {
  const maxima = createMaximumBook(evidence.commands);
  const refused = evidence.commands.filter(isRefused);
  return refused.flatMap((command) => checkOne(command, evidence, maxima));
}
