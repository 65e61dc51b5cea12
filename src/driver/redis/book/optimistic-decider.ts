/**
 * Decides in the node, by the rules themselves, and writes only when nobody else has written to the
 * item meanwhile (`transaction.ts`).
 *
 * The same data as the scripts have, so nodes of both strategies may serve the same items. The time is
 * that of Redis when the item was read; it is written a little later. On a hot item most tries are in
 * vain: this is here for comparison, and for a Redis that runs no scripts but short ones.
 */
import type { ChainableCommander } from 'ioredis';
import {
  IDEMPOTENCY_KEYS,
  type PlaceAnswer,
  type PlaceCommand,
} from '../../../live/port/item-book.ts';
import { placeAnswer } from '../../../live/rule/answer.ts';
import { closeItem } from '../../../live/rule/close.ts';
import { currencyOf } from '../../../live/rule/currency.ts';
import type { BidRecord, ItemEvent, ItemState } from '../../../live/rule/item.ts';
import { placeBid } from '../../../live/rule/place.ts';
import { takeBackFrom, testOf, type Unwanted } from '../../../live/rule/retract.ts';
import type { RedisCalls } from '../line/connection.ts';
import { createItemLanes } from '../line/item-lane.ts';
import { createTransactions, type Transaction } from '../line/transaction.ts';
import appendText from '../script/append.lua' with { type: 'text' };
import { ANSWER_KEPT_MS, type AnswerRow, answerOf, parametersOf, rowOf } from './answer-row.ts';
import type { BucketKeys } from './bucket.ts';
import { type ItemDecider, type ItemDeciderParts, RETRACT_MS } from './decider.ts';
import { payloadOf } from './event-row.ts';
import { progressFields, STATE_FIELDS, stateFrom } from './item-hash.ts';
import { outboxFull } from './not-decided.ts';

type Change = {
  readonly before: ItemState;
  readonly after: ItemState;
  readonly events: readonly ItemEvent[];
  readonly atMs: number;
};

export function createOptimisticDecider(parts: ItemDeciderParts): ItemDecider {
  const { connection } = parts;
  const inLane = createItemLanes(parts.limit, connection.clock);
  const quick = createRooms(connection, parts);
  const patient = createRooms(connection.patient(RETRACT_MS), parts);

  function place(command: PlaceCommand): Promise<PlaceAnswer> {
    const { itemId, userId, idempotencyKey } = command;
    const { room, keys } = quick.of(itemId);
    const answerKey = idempotencyKey === null ? null : keys.answer(itemId, userId, idempotencyKey);
    const countKey = keys.keys(itemId, userId);
    const watched = [keys.item(itemId), ...(answerKey === null ? [] : [answerKey, countKey])];
    return room.run<PlaceAnswer>(watched, {
      read: (pipeline) => {
        readFirst(pipeline, keys, itemId);
        if (answerKey !== null) pipeline.get(answerKey).get(countKey);
      },
      decide: (replies) => {
        const { state: before, nowMs } = foundIn(replies, parts);
        if (before === null) return { result: { kind: 'unknown-item' }, write: null };
        const earlier = replies[3];
        if (typeof earlier === 'string') {
          return { result: answeredAgain(earlier, command, before), write: null };
        }
        const used = Number(replies[4] ?? 0);
        if (used >= IDEMPOTENCY_KEYS) return { result: { kind: 'too-many-keys' }, write: null };
        return decideBid({ command, before, nowMs, keys, answerKey });
      },
    });
  }

  function close(itemId: string, options: { eventId: string; force: boolean }) {
    const { room, keys } = quick.of(itemId);
    return room.run<ItemEvent | null>([keys.item(itemId)], {
      read: (pipeline) => readFirst(pipeline, keys, itemId),
      decide: (replies) => {
        const { state: before, nowMs } = foundIn(replies, parts);
        const closed = before === null ? null : closeItem(before, options, nowMs);
        if (before === null || closed === null) return { result: null, write: null };
        const change = { before, after: closed.state, events: [closed.event], atMs: nowMs };
        return { result: closed.event, write: (multi) => writeChange(multi, keys, change) };
      },
    });
  }

  function retract(itemId: string, options: { eventId: string; unwanted: Unwanted }) {
    const { room, keys } = patient.of(itemId);
    const bidsKey = keys.bids(itemId);
    return room.run<ItemEvent | null>([keys.item(itemId), bidsKey], {
      read: (pipeline) => {
        readFirst(pipeline, keys, itemId);
        pipeline.lrange(bidsKey, 0, -1);
      },
      decide: (replies) => {
        const { state: before, nowMs } = foundIn(replies, parts);
        if (before === null) return { result: null, write: null };
        return decideRetraction({ options, before, texts: replies[3] as string[], nowMs, keys });
      },
    });
  }

  return {
    place: (command) => inLane(command.itemId, () => place(command)),
    close: (itemId, options) => inLane(itemId, () => close(itemId, options)),
    retract: (itemId, options) => inLane(itemId, () => retract(itemId, options)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([quick, patient].map((rooms) => rooms[Symbol.asyncDispose]()));
    },
  };
}

function decideRetraction(found: {
  readonly options: { readonly eventId: string; readonly unwanted: Unwanted };
  readonly before: ItemState;
  readonly texts: readonly string[];
  readonly nowMs: number;
  readonly keys: BucketKeys;
}): ReturnType<Transaction<ItemEvent | null>['decide']> {
  const { options, before, texts, nowMs, keys } = found;
  const chunks = texts.map((text) => JSON.parse(text) as PackedRecord[]);
  const history = chunks.flat().map(unpacked);
  const retracted = takeBackFrom(history, before, { ...options, nowMs });
  if (retracted === null) return { result: null, write: null };
  const { state: after, event } = retracted;
  const kept = chunksWithout(chunks, options.unwanted);
  const write = (multi: ChainableCommander) => {
    for (const [at, others] of kept) {
      multi.lset(keys.bids(before.itemId), at, JSON.stringify(others));
    }
    // They tell of the history with the bid; without marks a script counts from the first bid.
    multi.del(keys.marks(before.itemId));
    writeChange(multi, keys, { before, after, events: [event], atMs: nowMs });
  };
  return { result: event, write };
}

/** Where the transactions of each bucket are made. */
function createRooms({ call }: Pick<RedisCalls, 'call'>, parts: ItemDeciderParts) {
  const { connection, buckets, random, limit } = parts;
  const { ownClient, timers } = connection;
  const rooms = Array.from({ length: buckets.count }, (_, bucket) =>
    createTransactions({ call, ownClient, timers }, buckets.keys(bucket).count, { random, limit }),
  );
  return {
    of: (itemId: string) => {
      const bucket = buckets.of(itemId);
      const room = rooms[bucket];
      if (room === undefined) throw new RangeError(`there is no bucket ${bucket}`);
      return { room, keys: buckets.keys(bucket) };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(rooms.map((room) => room[Symbol.asyncDispose]()));
    },
  };
}

/** What every decision begins with: the time, the item and the backlog. */
function readFirst(pipeline: ChainableCommander, keys: BucketKeys, itemId: string): void {
  pipeline.time();
  pipeline.hmget(keys.item(itemId), ...STATE_FIELDS);
  pipeline.hmget(keys.count, 'added', 'acked');
}

function foundIn(
  replies: readonly unknown[],
  { clock, outboxEvents }: Pick<ItemDeciderParts, 'clock' | 'outboxEvents'>,
): { nowMs: number; state: ItemState | null } {
  const [time, fields, counts] = replies as [[string, string], string[], [string, string]];
  const [seconds, micros] = time;
  if (Number(counts[0]) - Number(counts[1]) >= outboxEvents) throw outboxFull();
  const redisMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  return { nowMs: clock?.nowMs() ?? redisMs, state: stateFrom(fields) };
}

type JudgedBid = {
  readonly command: PlaceCommand;
  readonly before: ItemState;
  readonly nowMs: number;
  readonly keys: BucketKeys;
  readonly answerKey: string | null;
};

function decideBid({ command, before, nowMs, keys, answerKey }: JudgedBid) {
  const decision = placeBid(before, command, nowMs);
  const result = placeAnswer(decision, { bid: command, before, nowMs });
  if (!decision.accepted && answerKey === null) return { result, write: null };
  const write = (multi: ChainableCommander): void => {
    if (answerKey !== null) {
      const kept = `${parametersOf(command)}\n${JSON.stringify(rowOf(result, command))}`;
      multi.set(answerKey, kept, 'PX', ANSWER_KEPT_MS);
      // The first one counts from then on; NX leaves the end of that time where it is.
      const countKey = keys.keys(command.itemId, command.userId);
      multi.set(countKey, 0, 'PX', ANSWER_KEPT_MS, 'NX').incr(countKey);
    }
    if (!decision.accepted) return;
    const { state: after, events, record } = decision;
    multi.rpush(keys.bids(command.itemId), JSON.stringify([packed(record)]));
    writeChange(multi, keys, { before, after, events, atMs: nowMs });
  };
  return { result, write };
}

function answeredAgain(kept: string, command: PlaceCommand, item: ItemState): PlaceAnswer {
  const head = `${parametersOf(command)}\n`;
  if (!kept.startsWith(head)) return { kind: 'idempotency-key-reused' };
  return answerOf(JSON.parse(kept.slice(head.length)) as AnswerRow, command, {
    epoch: item.epoch,
    currency: currencyOf(item.policy).code,
  });
}

/** What `write_item` and `append` of script/item.lua do. */
function writeChange(multi: ChainableCommander, keys: BucketKeys, change: Change): void {
  const { before, after, events, atMs } = change;
  const { itemId, endsAtMs } = after;
  multi.hset(keys.item(itemId), ...progressFields(after));
  if (after.status !== 'scheduled') multi.zrem(keys.scheduled, itemId);
  if (after.status === 'ended') {
    multi.zrem(keys.open, itemId);
    multi.zrem(keys.due, itemId);
    multi.zadd(keys.ended, 0, itemId);
  } else if (endsAtMs !== null && endsAtMs !== before.endsAtMs) {
    multi.zadd(keys.due, endsAtMs, itemId);
  }
  if (events.length === 0) return;
  multi.eval(appendText, 2, keys.count, keys.outbox, atMs, events.length, payloadOf(events));
}

/** The other records of each chunk that holds something unwanted, by its index. */
function chunksWithout(chunks: readonly PackedRecord[][], unwanted: Unwanted) {
  const isUnwanted = testOf(unwanted);
  const kept = new Map<number, PackedRecord[]>();
  for (const [at, chunk] of chunks.entries()) {
    const others = chunk.filter((record) => !isUnwanted(unpacked(record)));
    if (others.length < chunk.length) kept.set(at, others);
  }
  return kept;
}

type PackedRecord = readonly [
  bidId: string,
  userId: string,
  amountMicros: BidRecord['amountMicros'],
  maxMicros: BidRecord['maxMicros'],
];

function packed({ bidId, userId, amountMicros, maxMicros }: BidRecord): PackedRecord {
  return [bidId, userId, amountMicros, maxMicros];
}

function unpacked([bidId, userId, amountMicros, maxMicros]: PackedRecord): BidRecord {
  return { bidId, userId, amountMicros, maxMicros };
}
