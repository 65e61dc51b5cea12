/**
 * How events lie in the outbox: the events of one decision, or of one batch of them, as one entry.
 *
 * Its payload is JSON, `[[itemId, epoch, firstSeq, [row, ...]], ...]`: what the events of an item have
 * in common stands once, and their seqs follow one another. A row begins with the letter of its kind.
 * This is a third of what the events are as objects: the append-only file and the relay carry less.
 */
import type { Micros } from '../../../core/money.ts';
import type { BidEvent, CloseEvent, ItemEvent, RetractEvent } from '../../../live/rule/item.ts';

type BidRow = readonly [
  kind: 'b',
  eventId: string,
  bidId: string,
  userId: string,
  amountMicros: Micros,
  previousMicros: Micros,
  reserveMet: 0 | 1,
  endsAtMs: number | null,
  beatenUserId?: string,
  beatenMicros?: Micros,
];
type CloseRow = readonly [
  kind: 'c',
  eventId: string,
  outcome: CloseEvent['outcome'],
  winnerId: string | null,
  priceMicros: Micros,
];
type RetractRow = readonly [
  kind: 'r',
  eventId: string,
  retractedBidId: string | null,
  priceMicros: Micros,
  leaderId: string | null,
  reserveMet: 0 | 1,
  removedUserId?: string,
];
type EventRow = BidRow | CloseRow | RetractRow;
type ItemRows = readonly [itemId: string, epoch: string, firstSeq: number, rows: EventRow[]];

type EventHead = Pick<ItemEvent, 'eventId' | 'itemId' | 'epoch' | 'seq' | 'atMs'>;

/** The payload of some events of one item, whose seqs follow one another. */
export function payloadOf(events: readonly ItemEvent[]): string {
  const [first] = events;
  if (first === undefined) return '[]';
  const rows: ItemRows = [first.itemId, first.epoch, first.seq, events.map(rowOf)];
  return JSON.stringify([rows]);
}

/** The events of a payload that was written at `atMs`. */
export function eventsOf(payload: string, atMs: number): ItemEvent[] {
  return (JSON.parse(payload) as ItemRows[]).flatMap(([itemId, epoch, firstSeq, rows]) =>
    rows.map((row, index) =>
      eventOf(row, { eventId: row[1], itemId, epoch, seq: firstSeq + index, atMs }),
    ),
  );
}

function rowOf(event: ItemEvent): EventRow {
  const { eventId } = event;
  switch (event.type) {
    case 'bid':
      return bidRow(event);
    case 'close':
      return ['c', eventId, event.outcome, event.winnerId, event.priceMicros];
    case 'retract':
      return retractRow(event);
  }
}

function bidRow(event: BidEvent): BidRow {
  const { eventId, bidId, userId, amountMicros, previousMicros, beaten, endsAtMs } = event;
  const met = event.reserveMet ? 1 : 0;
  const row = ['b', eventId, bidId, userId, amountMicros, previousMicros, met, endsAtMs] as const;
  return beaten === null ? row : [...row, beaten.userId, beaten.amountMicros];
}

function retractRow(event: RetractEvent): RetractRow {
  const { eventId, retractedBidId, priceMicros, leaderId, removedUserId } = event;
  const met = event.reserveMet ? 1 : 0;
  const row = ['r', eventId, retractedBidId, priceMicros, leaderId, met] as const;
  return removedUserId === undefined ? row : [...row, removedUserId];
}

function eventOf(row: EventRow, head: EventHead): ItemEvent {
  switch (row[0]) {
    case 'b':
      return bidEventOf(row, head);
    case 'c':
      return { type: 'close', ...head, outcome: row[2], winnerId: row[3], priceMicros: row[4] };
    case 'r':
      return retractEventOf(row, head);
  }
}

function bidEventOf(row: BidRow, head: EventHead): BidEvent {
  const [, , bidId, userId, amountMicros, previousMicros, met, endsAtMs, loserId, lost] = row;
  const isBeaten = loserId !== undefined && lost !== undefined;
  return {
    type: 'bid',
    ...head,
    bidId,
    userId,
    amountMicros,
    previousMicros,
    byProxy: isBeaten,
    beaten: isBeaten ? { userId: loserId, amountMicros: lost } : null,
    reserveMet: met === 1,
    endsAtMs,
  };
}

function retractEventOf(row: RetractRow, head: EventHead): RetractEvent {
  const [, , retractedBidId, priceMicros, leaderId, met, removedUserId] = row;
  const told = { retractedBidId, priceMicros, leaderId, reserveMet: met === 1 };
  const event: RetractEvent = { type: 'retract', ...head, ...told };
  return removedUserId === undefined ? event : { ...event, removedUserId };
}
