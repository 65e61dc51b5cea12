/** Faults of the book itself: wrong bids, wrong order, wrong prices. */
import { toMicros } from '../../src/core/money.ts';
import type { BidEvent, CloseEvent, ItemEvent } from '../../src/live/rule/item.ts';
import type { History } from './history.ts';
import type { AcceptedBid, Plant } from './planted.ts';
import {
  bidEvents,
  loggedBids,
  pick,
  refusedBids,
  shiftSeqs,
  withEvent,
  withLog,
  withOperation,
} from './planted.ts';
import type { ViolationKind } from './violation.ts';

function eventOf(history: History, { answer }: AcceptedBid): BidEvent {
  const event = bidEvents(history).find(({ eventId }) => eventId === answer.eventId);
  if (event === undefined) throw new Error(`the history has no event ${answer.eventId}`);
  return event;
}

function closeOf({ log }: History): CloseEvent {
  const event = log.find(({ type }) => type === 'close');
  if (event?.type !== 'close') throw new Error('the history has no close');
  return event;
}

function changeBid(plant: (event: BidEvent) => Partial<BidEvent>): Plant {
  return (history, random) => {
    const event = eventOf(history, pick(loggedBids(history), random));
    return withEvent(history, event, { ...event, ...plant(event) });
  };
}

const lostUpdate: Plant = (history, random) => {
  const event = eventOf(history, pick(loggedBids(history), random));
  return withEvent(history, event);
};

/** As when two writers take the same seq and the later write wins. */
const overwrittenUpdate: Plant = (history, random) => {
  const event = eventOf(history, pick(loggedBids(history), random));
  const other = { eventId: 'event-other', userId: 'user-other', beaten: null };
  return withEvent(history, event, { ...event, ...other });
};

/** A second bidder gets "accepted" for the same amount, in the same window. */
const equalBidTwice: Plant = (history, random) => {
  const straight = loggedBids(history).filter(({ maxMicros, answer }) => {
    return maxMicros === null && answer.isHighest;
  });
  const first = pick(straight, random);
  const event = eventOf(history, first);
  const seq = event.seq + 1;
  const ids = { eventId: 'event-equal', bidId: 'bid-equal' };
  const second = { ...first, userId: 'user-equal', answer: { ...first.answer, ...ids, seq } };
  const twin: BidEvent = {
    ...event,
    ...ids,
    seq,
    userId: 'user-equal',
    previousMicros: event.amountMicros,
  };
  const shifted = shiftSeqs(withOperation(history, first, first, second), event.seq);
  const operations = shifted.operations.map((operation) => {
    const isTwin = operation.kind === 'bid' && operation.userId === 'user-equal';
    return isTwin ? second : operation;
  });
  const log = shifted.log.flatMap((logged) =>
    logged.eventId === event.eventId ? [logged, twin] : [logged],
  );
  return withLog({ ...shifted, operations }, log);
};

const seqGap: Plant = (history, random) =>
  shiftSeqs(history, pick(bidEvents(history), random).seq - 1);

const duplicateSeq: Plant = (history, random) => {
  const event = pick(bidEvents(history).slice(1), random);
  return withEvent(history, event, { ...event, seq: event.seq - 1 });
};

const swappedEvents: Plant = (history, random) => {
  const index = random.integer(1, history.log.length - 1);
  const moved: ItemEvent[] = history.log.slice(index, index + 1);
  return withLog(history, [
    ...history.log.slice(0, index - 1),
    ...moved,
    ...history.log.slice(index - 1, index),
    ...history.log.slice(index + 1),
  ]);
};

const eventAgain: Plant = (history, random) => {
  const event = pick(bidEvents(history), random);
  return withLog(history, [...history.log, { ...event, seq: history.log.length + 1 }]);
};

/** A bid refused as ended gets "accepted" instead, and is in the log after the close. */
const lateAccept: Plant = (history, random) => {
  const refused = pick(refusedBids(history, 'ended'), random);
  const last = closeOf(history);
  const amountMicros = toMicros(last.priceMicros + 100_000_000);
  const ids = { eventId: 'event-late', bidId: 'bid-late' };
  const told = { seq: last.seq + 1, priceMicros: amountMicros };
  const flags = { isHighest: true, outbidByProxy: false };
  const answer = { kind: 'accepted', ...ids, ...told, ...flags } as const;
  const taken = { ...refused, amountMicros, maxMicros: null, buyNow: false, answer };
  const { itemId, epoch, atMs, priceMicros: previousMicros } = last;
  const head = { ...ids, itemId, epoch, seq: told.seq, atMs, type: 'bid' } as const;
  const body = { userId: refused.userId, amountMicros, previousMicros, beaten: null };
  const rest = { byProxy: false, reserveMet: true, endsAtMs: null };
  const changed = withOperation(history, refused, taken);
  return withLog(changed, [...changed.log, { ...head, ...body, ...rest }]);
};

/** The last bid is decided at the very end in force. */
const lateByTime: Plant = (history) => {
  const event = bidEvents(history).at(-1);
  if (event === undefined) throw new Error('the history has no bid');
  return withEvent(history, event, { ...event, atMs: event.endsAtMs ?? 0 });
};

const phantomEvent: Plant = (history, random) => {
  const bid = pick(loggedBids(history), random);
  const event = eventOf(history, bid);
  const phantom = { ...event, userId: 'user-other', beaten: null, byProxy: false };
  return withOperation(withEvent(history, event, phantom), bid);
};

/** A proxy answers for a bidder who did not lead. */
const wrongLeader: Plant = (history, random) => {
  const answered = bidEvents(history).filter(({ beaten }) => beaten !== null);
  const event = pick(answered, random);
  return withEvent(history, event, { ...event, userId: 'user-other' });
};

/** The event names another bidder than the accepted one. */
const wrongBidder: Plant = (history, random) => {
  const event = eventOf(history, pick(loggedBids(history), random));
  return withEvent(history, event, { ...event, userId: 'user-other', beaten: null });
};

const wrongWinner: Plant = (history) => {
  const event = closeOf(history);
  return withEvent(history, event, { ...event, winnerId: 'user-other' });
};

export const LOG_FAULTS: readonly (readonly [string, ViolationKind, Plant])[] = [
  ['an accepted bid is lost', 'accepted-missing', lostUpdate],
  ['an accepted bid is overwritten', 'accepted-missing', overwrittenUpdate],
  ['an overwritten bid leaves one without a call', 'phantom-event', overwrittenUpdate],
  ['an equal bid is accepted twice', 'price-not-rising', equalBidTwice],
  ['an equal bid is accepted below the increment', 'increment-not-met', equalBidTwice],
  ['a seq is skipped', 'seq-gap', seqGap],
  ['a lost bid leaves a gap', 'seq-gap', lostUpdate],
  ['a seq is given twice', 'seq-duplicate', duplicateSeq],
  ['two events change places', 'seq-order', swappedEvents],
  ['an event stands twice', 'event-twice', eventAgain],
  ['a bid of another life of the item', 'foreign-event', changeBid(() => ({ epoch: 'other' }))],
  ['a bid of another item', 'foreign-event', changeBid(() => ({ itemId: 'other' }))],
  [
    'a price does not rise',
    'price-not-rising',
    changeBid((event) => ({ amountMicros: event.previousMicros })),
  ],
  [
    'a previous price is wrong',
    'price-chain',
    changeBid((event) => ({ previousMicros: toMicros(event.previousMicros + 1) })),
  ],
  ['a bid is taken after the close', 'late-accept', lateAccept],
  ['a bid is taken after its time', 'late-accept', lateByTime],
  ['a bid appears without a call', 'phantom-event', phantomEvent],
  ['the close names another winner', 'close-differs', wrongWinner],
  ['a proxy answers for another user', 'wrong-leader', wrongLeader],
  ['a bid is logged for another user', 'accepted-differs', wrongBidder],
  ['a bid is logged with another id', 'accepted-differs', changeBid(() => ({ bidId: 'other' }))],
];
