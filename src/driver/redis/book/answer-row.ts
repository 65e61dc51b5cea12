/** How an answer comes back from a script, and how it is kept under an idempotency key: as JSON. */

import {
  IDEMPOTENCY_KEPT_MS,
  type PlaceAnswer,
  type PlaceCommand,
} from '../../../live/port/item-book.ts';
import type { Judged } from '../../../live/rule/answer.ts';
import type { Refusal } from '../../../live/rule/item.ts';

/** An hour more than promised, since the clocks of a node and of Redis may differ. */
export const ANSWER_KEPT_MS = IDEMPOTENCY_KEPT_MS + 60 * 60 * 1000;

/** What must be the same under the same idempotency key. */
export function parametersOf({ amountMicros, maxMicros, buyNow }: PlaceCommand): string {
  return JSON.stringify([amountMicros, maxMicros, buyNow]);
}

const FACT = { reserveMet: 1, isHighest: 2, outbidByProxy: 4, ended: 8 } as const;
const CODE = { accepted: 1, acceptedQuietly: 2 } as const;

type JudgedRow = readonly [
  code: Refusal | 1 | 2,
  seq: number,
  priceMicros: Judged['priceMicros'],
  endsAtMs: number | null,
  facts: number,
  nextMicros: Judged['nextMicros'],
  bidId?: string,
  eventId?: string,
];
export type AnswerRow = 0 | 1 | 2 | JudgedRow;

/** What `placeAnswer` would have told of the same decision. */
export function answerOf(
  row: AnswerRow,
  command: PlaceCommand,
  item: Pick<Judged, 'epoch' | 'currency'>,
): PlaceAnswer {
  if (row === 0) return { kind: 'unknown-item' };
  if (row === 1) return { kind: 'idempotency-key-reused' };
  if (row === 2) return { kind: 'too-many-keys' };
  const [code, seq, priceMicros, endsAtMs, facts, nextMicros] = row;
  const judged: Judged = {
    seq,
    epoch: item.epoch,
    currency: item.currency,
    priceMicros,
    endsAtMs,
    reserveMet: (facts & FACT.reserveMet) !== 0,
    nextMicros,
    isHighest: (facts & FACT.isHighest) !== 0,
  };
  if (typeof code === 'string') return { kind: 'refused', code, ...judged };
  const [, , , , , , bidId = command.bidId, eventId = command.eventId] = row;
  return {
    kind: 'accepted',
    ...judged,
    bidId,
    eventId: code === CODE.accepted ? eventId : null,
    outbidByProxy: (facts & FACT.outbidByProxy) !== 0,
    ended: (facts & FACT.ended) !== 0,
  };
}

/** The row of an answer, for those who keep it. */
export function rowOf(answer: Extract<PlaceAnswer, Judged>, command: PlaceCommand): JudgedRow {
  const { seq, priceMicros, endsAtMs, nextMicros } = answer;
  const isAccepted = answer.kind === 'accepted';
  const code = isAccepted ? codeOf(answer.eventId) : answer.code;
  const facts =
    (answer.reserveMet ? FACT.reserveMet : 0) +
    (answer.isHighest ? FACT.isHighest : 0) +
    (isAccepted && answer.outbidByProxy ? FACT.outbidByProxy : 0) +
    (isAccepted && answer.ended ? FACT.ended : 0);
  const { bidId, eventId } = command;
  return [code, seq, priceMicros, endsAtMs, facts, nextMicros, bidId, eventId];
}

function codeOf(eventId: string | null): 1 | 2 {
  return eventId === null ? CODE.acceptedQuietly : CODE.accepted;
}
