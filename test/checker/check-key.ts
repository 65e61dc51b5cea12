/**
 * Idempotency: one key of one user decides one command, and every replay gets the same answer.
 *
 * `idempotency-key-reused` is answered only when the key was used with other parameters;
 * `unknown-item` never, as the item exists.
 */
import type { DecidedAnswer, KeyGroup } from './command.ts';
import { decisionOf, parametersOf, respondedAt } from './command.ts';
import type { Evidence } from './evidence.ts';
import type { BidOperation } from './history.ts';
import type { Violation } from './violation.ts';
import { createViolation } from './violation.ts';

function contentOf(answer: DecidedAnswer): string {
  const { kind, seq, priceMicros } = answer;
  const rest =
    answer.kind === 'refused'
      ? [answer.code, answer.nextMicros]
      : [answer.eventId, answer.bidId, answer.isHighest, answer.outbidByProxy];
  return JSON.stringify([kind, seq, priceMicros, ...rest]);
}

function checkReplays({ operations }: KeyGroup): Violation[] {
  const decided = operations.filter((operation) => decisionOf(operation) !== null);
  const [first, ...replays] = decided;
  if (first === undefined) return [];
  return replays.flatMap((replay) => {
    const [told, toldNow] = [decisionOf(first), decisionOf(replay)];
    if (told === null || toldNow === null) return [];
    if (parametersOf(first) !== parametersOf(replay)) {
      const sentence = `key ${first.idempotencyKey} decided two bids with different parameters`;
      return [createViolation('key-taken-twice', sentence, [first, replay])];
    }
    if (contentOf(told) === contentOf(toldNow)) return [];
    const sentence = `key ${first.idempotencyKey} was answered ${contentOf(told)}, then ${contentOf(toldNow)}`;
    return [createViolation('replay-differs', sentence, [first, replay])];
  });
}

/** Of two different sets of parameters, when each was first sent: enough to find another one. */
function firstOfEach(operations: readonly BidOperation[]): BidOperation[] {
  const [first] = operations;
  if (first === undefined) return [];
  const other = operations.find((operation) => parametersOf(operation) !== parametersOf(first));
  return other === undefined ? [first] : [first, other];
}

function checkTurnedAway({ operations }: KeyGroup): Violation[] {
  const senders = firstOfEach(operations);
  return operations.flatMap((operation) => {
    const { kind } = operation.answer;
    if (kind !== 'unknown-item' && kind !== 'idempotency-key-reused') return [];
    const hasCause = senders.some(
      (sender) =>
        parametersOf(sender) !== parametersOf(operation) &&
        sender.invokedMs <= respondedAt(operation),
    );
    if (kind === 'idempotency-key-reused' && hasCause) return [];
    const sentence = `${kind} was answered to key ${operation.idempotencyKey} without cause`;
    return [createViolation('refusal-without-cause', sentence, [operation])];
  });
}

export function checkKey({ groups }: Evidence): Violation[] {
  return groups.flatMap((group) => [...checkReplays(group), ...checkTurnedAway(group)]);
}
