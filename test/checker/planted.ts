/** Tools to plant one fault in a correct history: pick a victim, change it, shift the rest. */
import type { Random } from '../../src/core/random.ts';
import type { BidEvent, ItemEvent } from '../../src/live/rule/item.ts';
import type {
  AcceptedAnswer,
  BidOperation,
  History,
  Operation,
  ReadAnswer,
  ReadOperation,
  RefusedAnswer,
  Viewer,
  ViewerFrame,
} from './history.ts';

/** @returns a copy of the history with one fault. */
export type Plant = (history: History, random: Random) => History;

export type AcceptedBid = BidOperation & {
  readonly answer: AcceptedAnswer;
  readonly respondedMs: number;
};
export type RefusedBid = BidOperation & {
  readonly answer: RefusedAnswer;
  readonly respondedMs: number;
};
export type AnsweredRead = ReadOperation & { readonly answer: ReadAnswer };

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random.integer(0, items.length - 1)];
  if (item === undefined) throw new Error('the history has no place for this fault');
  return item;
}

/** Sent once without a key, so that changing the call changes the whole command. */
function isSingle(operation: Operation): operation is BidOperation {
  return operation.kind === 'bid' && operation.idempotencyKey === null;
}

export function acceptedBids({ operations }: History): AcceptedBid[] {
  return operations
    .filter(isSingle)
    .filter((bid): bid is AcceptedBid => bid.answer.kind === 'accepted');
}

/** Accepted with an event. */
export function loggedBids(history: History): AcceptedBid[] {
  return acceptedBids(history).filter(({ answer }) => answer.eventId !== null);
}

/** Accepted without one. */
export function raises(history: History): AcceptedBid[] {
  return acceptedBids(history).filter(({ answer }) => answer.eventId === null);
}

export function refusedBids({ operations }: History, code: RefusedAnswer['code']): RefusedBid[] {
  return operations
    .filter(isSingle)
    .filter((bid): bid is RefusedBid => bid.answer.kind === 'refused' && bid.answer.code === code);
}

export function reads({ operations }: History): AnsweredRead[] {
  return operations.filter(
    (operation): operation is AnsweredRead =>
      operation.kind === 'read' && operation.answer !== null,
  );
}

export function bidEvents({ log }: History): BidEvent[] {
  return log.filter((event) => event.type === 'bid');
}

export function withOperation(history: History, old: Operation, ...now: Operation[]): History {
  const operations = history.operations.flatMap((operation) =>
    operation === old ? now : [operation],
  );
  return { ...history, operations };
}

/** The archive copies the log, so that the only fault is the log's. */
export function withLog(history: History, log: readonly ItemEvent[]): History {
  return { ...history, log, archive: log };
}

export function withEvent(history: History, old: ItemEvent, ...now: ItemEvent[]): History {
  const log = history.log.flatMap((event) => (event === old ? now : [event]));
  return withLog(history, log);
}

export function withFrames(history: History, frames: readonly ViewerFrame[]): History {
  const viewer: Viewer = { name: 'planted', fromSeq: 0, latestOnly: false, frames };
  return { ...history, viewers: [...history.viewers, viewer] };
}

function shiftOperation(operation: Operation, shift: (seq: number) => number): Operation {
  const { answer } = operation;
  if (answer === null || !('seq' in answer)) return operation;
  return { ...operation, answer: { ...answer, seq: shift(answer.seq) } } as Operation;
}

function shiftFrame(frame: ViewerFrame, shift: (seq: number) => number): ViewerFrame {
  if (frame.kind === 'resumed') return frame;
  if (frame.kind === 'snapshot') return { ...frame, seq: shift(frame.seq) };
  const events = frame.events.map(({ seq, eventId }) => ({ seq: shift(seq), eventId }));
  return { ...frame, events };
}

/** Moves every seq above `above` up by one, in log and answers. */
export function shiftSeqs(history: History, above: number): History {
  const shift = (seq: number) => (seq > above ? seq + 1 : seq);
  const operations = history.operations.map((operation) => shiftOperation(operation, shift));
  const viewers = history.viewers.map((viewer) => {
    const frames = viewer.frames.map((frame) => shiftFrame(frame, shift));
    return { ...viewer, frames };
  });
  const log = history.log.map((event) => ({ ...event, seq: shift(event.seq) }));
  return withLog({ ...history, operations, viewers }, log);
}
