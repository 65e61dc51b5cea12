/** Faults in answers: their content and their time. */
import { toMicros } from '../../src/core/money.ts';
import type { BidOperation, History, Operation } from './history.ts';
import type { AcceptedBid, Plant } from './planted.ts';
import {
  acceptedBids,
  loggedBids,
  pick,
  raises,
  reads,
  refusedBids,
  withOperation,
} from './planted.ts';
import type { ViolationKind } from './violation.ts';

type Timed = { readonly invokedMs: number; readonly respondedMs: number | null };

const AFTER_ALL_MS = 1_000_000;

/** A window after everything else, or before it. */
function after<T extends Timed>(operation: T): T {
  return { ...operation, invokedMs: AFTER_ALL_MS, respondedMs: AFTER_ALL_MS + 1 };
}

function before<T extends Timed>(operation: T): T {
  return { ...operation, invokedMs: -AFTER_ALL_MS, respondedMs: 1 - AFTER_ALL_MS };
}

/** Moves one call's window, its answer unchanged. */
function moveWindow<T extends Operation>(
  candidates: (history: History) => readonly T[],
  move: (operation: T) => T,
): Plant {
  return (history, random) => {
    const operation = pick(candidates(history), random);
    return withOperation(history, operation, move(operation));
  };
}

/** Changes the answer of one call. */
function changeAnswer<T extends Operation>(
  candidates: (history: History) => readonly T[],
  change: (operation: T) => T['answer'],
): Plant {
  return (history, random) => {
    const operation = pick(candidates(history), random);
    const changed = { ...operation, answer: change(operation) };
    return withOperation(history, operation, changed);
  };
}

const lowBids = (history: History) => refusedBids(history, 'bid_too_low');
const endedBids = (history: History) => refusedBids(history, 'ended');
const withoutLast = (bids: readonly AcceptedBid[]) => bids.slice(0, -1);

/** The bid would have been the least acceptable one. */
const causelessRefusal: Plant = (history, random) => {
  const refused = pick(lowBids(history), random);
  const amountMicros = refused.answer.nextMicros;
  return withOperation(history, refused, { ...refused, amountMicros });
};

/** As from a cache that missed a bid. */
const staleRefusal: Plant = (history, random) => {
  const refused = pick(lowBids(history).slice(-5), random);
  const opening = { seq: 0, priceMicros: toMicros(0) };
  const nextMicros = history.definition.policy.startMicros;
  const answer = { ...refused.answer, ...opening, nextMicros };
  return withOperation(history, refused, { ...refused, amountMicros: toMicros(1), answer });
};

const raiseOfAnother: Plant = (history, random) => {
  const raise = pick(raises(history), random);
  return withOperation(history, raise, { ...raise, userId: 'user-other' });
};

const eventTwice: Plant = (history, random) => {
  const bid = pick(loggedBids(history), random);
  return withOperation(history, bid, bid, bid);
};

function replays({ operations }: History): BidOperation[] {
  const seen = new Set<string>();
  return operations.filter((operation): operation is BidOperation => {
    if (operation.kind !== 'bid' || operation.idempotencyKey === null) return false;
    const { kind } = operation.answer;
    if (kind !== 'accepted' && kind !== 'refused') return false;
    const isReplay = seen.has(operation.idempotencyKey);
    seen.add(operation.idempotencyKey);
    return isReplay;
  });
}

const otherReplay = changeAnswer(replays, ({ answer }) =>
  'seq' in answer ? { ...answer, seq: answer.seq + 1 } : answer,
);

const keyTakenTwice: Plant = (history, random) => {
  const replay = pick(replays(history), random);
  const maxMicros = toMicros((replay.maxMicros ?? 0) + 1);
  return withOperation(history, replay, { ...replay, maxMicros });
};

/** A bid with its own key is refused as if the key had been used. */
const keyNotReused: Plant = (history, random) => {
  const bid = pick(lowBids(history), random);
  const answer = { kind: 'idempotency-key-reused' } as const;
  return withOperation(history, bid, { ...bid, idempotencyKey: 'key-alone', answer });
};

type Row = readonly [string, ViolationKind, Plant];

const ORDER_FAULTS: readonly Row[] = [
  [
    'a bid takes a seq below one already answered',
    'real-time-order',
    moveWindow((history) => withoutLast(loggedBids(history)), after),
  ],
  ['a refusal is judged at a state long past', 'stale-refusal', staleRefusal],
  ['a refusal comes long after its state', 'stale-refusal', moveWindow(lowBids, after)],
  [
    'a refusal shows future bids',
    'early-refusal',
    moveWindow((history) => lowBids(history).slice(-5), before),
  ],
  ['a raise comes long after its state', 'stale-raise', moveWindow(raises, after)],
  [
    'a raise shows future bids',
    'early-raise',
    moveWindow((history) => raises(history).slice(-1), before),
  ],
  [
    'a read shows a state long past',
    'stale-read',
    moveWindow((history) => reads(history).slice(0, 3), after),
  ],
  [
    'a read shows future bids',
    'early-read',
    moveWindow((history) => reads(history).slice(-5), before),
  ],
];

const CONTENT_FAULTS: readonly Row[] = [
  ['a refusal has no cause', 'refusal-without-cause', causelessRefusal],
  [
    'a bid is refused as ended while bids are taken',
    'refusal-without-cause',
    changeAnswer(
      (history) => lowBids(history).slice(0, 5),
      ({ answer }) => ({ ...answer, code: 'ended' }),
    ),
  ],
  [
    'a bid is refused as unopened while bids are taken',
    'refusal-without-cause',
    changeAnswer(endedBids, ({ answer }) => ({ ...answer, code: 'not_open_yet' })),
  ],
  [
    'a maximum is refused that is none',
    'refusal-without-cause',
    changeAnswer(
      (history) => lowBids(history).filter(({ maxMicros }) => maxMicros === null),
      ({ answer }) => ({ ...answer, code: 'proxy_not_allowed' }),
    ),
  ],
  ['a key is refused that was never used', 'refusal-without-cause', keyNotReused],
  [
    'a refusal shows another next amount',
    'refusal-differs',
    changeAnswer(lowBids, ({ answer }) => ({ ...answer, nextMicros: answer.priceMicros })),
  ],
  [
    'a refusal shows another price',
    'refusal-differs',
    changeAnswer(endedBids, ({ answer }) => ({ ...answer, priceMicros: toMicros(1) })),
  ],
  [
    'a refusal after the end shows a next amount',
    'refusal-differs',
    changeAnswer(endedBids, ({ answer }) => ({ ...answer, nextMicros: answer.priceMicros })),
  ],
  [
    'a read shows another price',
    'read-differs',
    changeAnswer(reads, ({ answer }) => ({ ...answer, priceMicros: toMicros(1) })),
  ],
  [
    'a read shows ended before the close',
    'read-differs',
    changeAnswer(
      (history) => reads(history).slice(0, 5),
      ({ answer }) => ({ ...answer, status: 'ended' }),
    ),
  ],
  [
    'a bid is answered with another price',
    'accepted-differs',
    changeAnswer(acceptedBids, ({ answer }) => ({ ...answer, priceMicros: toMicros(1) })),
  ],
  [
    'a bid is answered as leading when it does not',
    'accepted-differs',
    changeAnswer(loggedBids, ({ answer }) => ({ ...answer, isHighest: !answer.isHighest })),
  ],
  [
    'a bid is answered with another seq',
    'accepted-differs',
    changeAnswer(loggedBids, ({ answer }) => ({ ...answer, seq: answer.seq + 1 })),
  ],
  ['a bid that raised nothing leaves no event', 'accepted-without-event', raiseOfAnother],
  ['one event is answered to two bids', 'event-claimed-twice', eventTwice],
  ['a replay gets another answer', 'replay-differs', otherReplay],
  ['a key decides two bids', 'key-taken-twice', keyTakenTwice],
];

export const ANSWER_FAULTS: readonly Row[] = [...ORDER_FAULTS, ...CONTENT_FAULTS];
