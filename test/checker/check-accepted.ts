/**
 * Every accepted command is in the log exactly once, as it was answered.
 *
 * Only a leader's raise of its own maximum is accepted without an event. A bid that ends the item
 * (buy now) may be answered with the seq of its bid or of the close right after it.
 */
import type { BidEvent, ItemEvent } from '../../src/live/rule/item.ts';
import type { Command } from './command.ts';
import type { Evidence } from './evidence.ts';
import type { AcceptedAnswer, BidOperation } from './history.ts';
import type { LogIndex } from './log-index.ts';
import { challengeOf } from './log-index.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { createViolation } from './violation.ts';

/** Whether a bid with these parameters can be at that amount. */
function canStandAt(bid: BidOperation, amountMicros: number, buyNowMicros: number | null): boolean {
  if (bid.buyNow) return amountMicros === buyNowMicros;
  const least = bid.amountMicros ?? 0;
  return amountMicros >= least && amountMicros <= Math.max(least, bid.maxMicros ?? least);
}

function isSeqOf(seq: number, event: BidEvent, { log, history }: Evidence): boolean {
  if (seq === event.seq) return true;
  const { buyNowMicros } = history.definition.policy;
  if (buyNowMicros === null || event.amountMicros < buyNowMicros) return false;
  return seq === event.seq + 1 && log.eventAt(seq)?.type === 'close';
}

/** Names the first difference between answer and event. */
function differenceOf(
  { decision, first }: Command & { readonly decision: AcceptedAnswer },
  event: BidEvent,
  evidence: Evidence,
): string | null {
  const challenge = challengeOf(event);
  const { buyNowMicros } = evidence.history.definition.policy;
  if (!isSeqOf(decision.seq, event, evidence)) return `seq ${decision.seq}, not ${event.seq}`;
  if (decision.bidId !== event.bidId) return `bid id ${decision.bidId}, not ${event.bidId}`;
  if (challenge.userId !== first.userId) return `user ${first.userId}, not ${challenge.userId}`;
  if (!canStandAt(first, challenge.amountMicros, buyNowMicros)) {
    return `a bid that cannot stand at ${challenge.amountMicros}`;
  }
  if (decision.priceMicros !== event.amountMicros) {
    return `price ${decision.priceMicros}, not ${event.amountMicros}`;
  }
  const leads = event.userId === first.userId;
  return decision.isHighest === leads && decision.outbidByProxy === !leads ? null : 'other leader';
}

type AcceptedCommand = Command & { readonly decision: AcceptedAnswer };

function isAccepted(command: Command): command is AcceptedCommand {
  return command.decision?.kind === 'accepted';
}

function checkRaise({ decision, first, operations }: AcceptedCommand, log: LogIndex): Violation[] {
  const { seq, priceMicros } = decision;
  const standing = log.standingAt(seq);
  const report = (kind: ViolationKind, sentence: string) => [
    createViolation(kind, sentence, operations),
  ];
  if (standing?.closed) return report('late-accept', `a maximum was raised at seq ${seq}, closed`);
  if (standing && standing.leaderId !== first.userId) {
    const sentence = `no event came of a bid at seq ${seq}, where ${standing.leaderId} led`;
    return report('accepted-without-event', sentence);
  }
  if (!standing || standing.priceMicros === priceMicros) return [];
  const sentence = `a raise was answered with price ${priceMicros}, at seq ${seq} it was ${standing.priceMicros}`;
  return report('accepted-differs', sentence);
}

function checkInLog(
  command: AcceptedCommand,
  event: ItemEvent | undefined,
  evidence: Evidence,
): Violation[] {
  const { eventId, seq } = command.decision;
  const report = (kind: ViolationKind, sentence: string) => [
    createViolation(kind, sentence, command.operations),
  ];
  if (event?.type !== 'bid') {
    return report('accepted-missing', `accepted as event ${eventId}, seq ${seq}: not in the log`);
  }
  const difference = differenceOf(command, event, evidence);
  if (difference === null) return [];
  return report('accepted-differs', `event ${eventId} was answered with ${difference}`);
}

export function checkAccepted(evidence: Evidence): Violation[] {
  const { log } = evidence;
  const claimed = new Map<string, Command>();
  return evidence.commands.filter(isAccepted).flatMap((command) => {
    const { eventId } = command.decision;
    if (eventId === null) return checkRaise(command, log);
    const other = claimed.get(eventId);
    claimed.set(eventId, command);
    if (other === undefined) return checkInLog(command, log.byEventId.get(eventId), evidence);
    const sentence = `event ${eventId} was answered to two commands`;
    return [createViolation('event-claimed-twice', sentence, [other.first, command.first])];
  });
}
