/**
 * The commands of clients to the book: one command per bid, however often it was sent.
 *
 * Calls of one user with the same idempotency key and the same parameters are one command. It was
 * decided between its first call and its first answer.
 */
import type { AcceptedAnswer, BidOperation, Operation, RefusedAnswer } from './history.ts';

export type DecidedAnswer = AcceptedAnswer | RefusedAnswer;

export type Command = {
  /** In the order of the calls. */
  readonly operations: readonly BidOperation[];
  readonly first: BidOperation;
  readonly invokedMs: number;
  /** When the first decision was answered; infinity when none was. */
  readonly respondedMs: number;
  readonly decision: DecidedAnswer | null;
};

/** All calls of one user under one key, or one call without a key. */
export type KeyGroup = {
  readonly operations: readonly BidOperation[];
  readonly commands: readonly Command[];
};

export function decisionOf(operation: BidOperation): DecidedAnswer | null {
  const { answer } = operation;
  return answer.kind === 'accepted' || answer.kind === 'refused' ? answer : null;
}

export function respondedAt(operation: Operation): number {
  return operation.respondedMs ?? Number.POSITIVE_INFINITY;
}

function createCommand(first: BidOperation, operations: readonly BidOperation[]): Command {
  let respondedMs = Number.POSITIVE_INFINITY;
  let decision: DecidedAnswer | null = null;
  for (const operation of operations) {
    const told = decisionOf(operation);
    if (told === null || (decision !== null && respondedAt(operation) >= respondedMs)) continue;
    respondedMs = respondedAt(operation);
    decision = told;
  }
  return { operations, first, invokedMs: first.invokedMs, respondedMs, decision };
}

function gather<T>(items: Iterable<T>, keyOf: (item: T) => string): T[][] {
  const gathered = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const fellows = gathered.get(key);
    if (fellows === undefined) gathered.set(key, [item]);
    else fellows.push(item);
  }
  return [...gathered.values()];
}

/** Parameters as one text: equal exactly when a replay must give the same answer. */
export function parametersOf({ amountMicros, maxMicros, buyNow }: BidOperation): string {
  return `${amountMicros}/${maxMicros}/${buyNow}`;
}

function createGroup(unordered: readonly BidOperation[]): KeyGroup {
  const operations = unordered.toSorted((left, right) => left.invokedMs - right.invokedMs);
  const commands: Command[] = [];
  for (const sent of gather(operations, parametersOf)) {
    const [first] = sent;
    if (first !== undefined) commands.push(createCommand(first, sent));
  }
  return { operations, commands };
}

export function groupByKey(operations: readonly Operation[]): KeyGroup[] {
  const bids = operations.filter((operation) => operation.kind === 'bid');
  const keyed = bids.filter(({ idempotencyKey }) => idempotencyKey !== null);
  const single = bids.filter(({ idempotencyKey }) => idempotencyKey === null);
  // A user id may hold any separator, so the pair is written as JSON.
  const groups = gather(keyed, (bid) => JSON.stringify([bid.userId, bid.idempotencyKey]));
  return [...groups, ...single.map((bid) => [bid])].map(createGroup);
}
