/**
 * Decides in Redis, by scripts that are the rules in Lua.
 *
 * Bids on items of one bucket collect while earlier ones are on their way and are decided by one call,
 * in order; all that a call decides is written in one step.
 */
import { present } from '../../../core/assert.ts';
import {
  IDEMPOTENCY_KEYS,
  NotDecidedError,
  type PlaceAnswer,
  type PlaceCommand,
} from '../../../live/port/item-book.ts';
import { type ItemEvent, MOST_BANNED } from '../../../live/rule/item.ts';
import { LIVE_LIMIT } from '../../../live/rule/limit.ts';
import type { Unwanted } from '../../../live/rule/retract.ts';
import { createCallQueue } from '../line/call-queue.ts';
import type { RedisCalls } from '../line/connection.ts';
import closeText from '../script/close.lua' with { type: 'text' };
import placeText from '../script/place.lua' with { type: 'text' };
import retractText from '../script/retract.lua' with { type: 'text' };
import { createScript, type Script } from '../script/script.ts';
import { ANSWER_KEPT_MS, type AnswerRow, answerOf, parametersOf } from './answer-row.ts';
import { type BucketKeys, bucketScriptArgs, bucketScriptKeys, itemScriptKeys } from './bucket.ts';
import { type ItemDecider, type ItemDeciderParts, RETRACT_MS } from './decider.ts';
import { eventsOf } from './event-row.ts';
import { outboxFull } from './not-decided.ts';

const PLACE = createScript(placeText);
const CLOSE = createScript(closeText);
const RETRACT = createScript(retractText);

/** Two: while Redis decides one batch, the answers of the other are told. */
const CALLS_AT_ONCE = 2;

/** What all answers of an item have in common. */
type ItemWords = readonly [epoch: string, currency: string];

export function createLuaDecider(parts: ItemDeciderParts): ItemDecider {
  const { connection, buckets, limit } = parts;
  const patient = connection.patient(RETRACT_MS);
  const queues = Array.from({ length: buckets.count }, (_, bucket) =>
    createCallQueue({
      ask: (commands: readonly PlaceCommand[]) => placeAll(commands, buckets.keys(bucket)),
      callsAtOnce: CALLS_AT_ONCE,
      limit,
      clock: connection.clock,
      refusal: (why) => new NotDecidedError(why),
    }),
  );

  async function placeAll(
    commands: readonly PlaceCommand[],
    keys: BucketKeys,
  ): Promise<readonly PlaceAnswer[]> {
    const batch = batchOf(commands, keys);
    const reply = await connection.run(
      PLACE,
      [...bucketScriptKeys(keys), ...batch.keys],
      [
        ...bucketScriptArgs(parts),
        LIVE_LIMIT.priceMicros,
        ANSWER_KEPT_MS,
        ...batch.args,
        IDEMPOTENCY_KEYS,
      ],
    );
    if (typeof reply !== 'string') throw outboxFull();
    const [items, answers] = JSON.parse(reply) as [(ItemWords | null)[], AnswerRow[]];
    return commands.map((command, index) => {
      const row = present(answers[index], 'the answer to a bid');
      // An unknown item has none; that is all that its answer says.
      const words = items[present(batch.numbers[index], 'the number of an item')];
      const [epoch, currency] = words ?? ['', ''];
      return answerOf(row, command, { epoch, currency });
    });
  }

  async function make(
    { run }: Pick<RedisCalls, 'run'>,
    script: Script,
    [itemId, ...args]: readonly [itemId: string, ...(string | number)[]],
  ): Promise<ItemEvent | null> {
    const keys = buckets.keys(buckets.of(itemId));
    const reply = (await run(
      script,
      [...bucketScriptKeys(keys), ...itemScriptKeys(keys, itemId)],
      [...bucketScriptArgs(parts), itemId, ...args],
    )) as string[];
    const [outcome, atMs, payload] = reply;
    if (outcome === 'full') throw outboxFull();
    return payload === undefined ? null : (eventsOf(payload, Number(atMs))[0] ?? null);
  }

  return {
    place: async (command) => {
      checkCommand(command);
      const queue = queues[buckets.of(command.itemId)];
      if (queue === undefined) throw new RangeError('no such bucket');
      return queue(command);
    },
    close: (itemId, { eventId, force }) =>
      make(connection, CLOSE, [itemId, eventId, force ? 1 : 0]),
    retract: (itemId, { eventId, unwanted }) =>
      make(patient, RETRACT, [itemId, eventId, ...unwantedArgs(unwanted)]),
    [Symbol.asyncDispose]: async () => {},
  };
}

/**
 * One command that Redis cannot read would fail the batch that it goes with.
 * @throws TypeError of a fault of the program: the border lets none of them pass.
 */
function checkCommand({ amountMicros, maxMicros, ...ids }: PlaceCommand): void {
  const { itemId, bidId, eventId, userId, idempotencyKey } = ids;
  const isText = (value: unknown) =>
    typeof value === 'string' && value.length <= MOST_CHARACTERS && value.isWellFormed();
  const isMoney = (value: unknown) => value === null || Number.isSafeInteger(value);
  const texts = [itemId, bidId, eventId, userId, idempotencyKey ?? ''];
  if (texts.every(isText) && isMoney(amountMicros) && isMoney(maxMicros)) return;
  throw new TypeError('a bid has a field that is not of its type');
}

/** More than any id of the border has. */
const MOST_CHARACTERS = 1_024;

/** Who or what is taken back, and whether the bidder is banned: see retract.lua. */
function unwantedArgs(unwanted: Unwanted): (string | number)[] {
  if ('bidId' in unwanted) return ['bid', unwanted.bidId, 0, MOST_BANNED];
  return ['bidder', unwanted.userId, unwanted.ban ? 1 : 0, MOST_BANNED];
}

/** Ids of the common kind, which JSON writes as they are. */
const PLAIN = /^[\w.:-]*$/;
const FLAG = { buyNow: 1, keyed: 2 } as const;

/** What `place.lua` is given. `numbers` are those of the commands' items, from 0. */
function batchOf(commands: readonly PlaceCommand[], keys: BucketKeys) {
  const items = new Map<string, number>();
  const answerKeys: string[] = [];
  const parameters: string[] = [];
  const bids: (string | number)[] = [];
  let isPlain = true;
  const numbers = commands.map((command) => {
    const { itemId, bidId, eventId, userId, amountMicros, maxMicros } = command;
    const number = items.get(itemId) ?? items.size;
    items.set(itemId, number);
    let flags = command.buyNow ? FLAG.buyNow : 0;
    if (command.idempotencyKey !== null) {
      flags += FLAG.keyed;
      answerKeys.push(
        keys.answer(itemId, userId, command.idempotencyKey),
        keys.keys(itemId, userId),
      );
      parameters.push(parametersOf(command));
    }
    isPlain &&= PLAIN.test(bidId) && PLAIN.test(eventId) && PLAIN.test(userId);
    bids.push(number + 1, bidId, eventId, userId, amountMicros ?? -1, maxMicros ?? -1, flags);
    return number;
  });
  const ids = [...items.keys()];
  return {
    numbers,
    keys: [...ids.flatMap((id) => itemScriptKeys(keys, id)), ...answerKeys],
    args: [JSON.stringify([ids, bids, parameters]), isPlain ? 1 : 0],
  };
}
