/** Plays the commands of a live table on a book and returns the outcome of each, in phrases. */

import type { ItemBook, PlaceAnswer } from '../../src/live/port/item-book.ts';
import type { Judged } from '../../src/live/rule/answer.ts';
import type { ItemEvent, ItemState } from '../../src/live/rule/item.ts';
import { nextMicros, statusAt } from '../../src/live/rule/life.ts';
import { reserveMet } from '../../src/live/rule/reserve.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { readBid, readDefinition } from './live-table-command.ts';
import { durationOf, TableFault, type TableLine, tellAmount, tellTime } from './live-table-text.ts';

type Facts = Promise<string[]>;
type Words = readonly string[];

export function createTablePlay(book: ItemBook, clock: ManualClock): (line: TableLine) => Facts {
  const startMs = clock.nowMs();
  const itemIds: string[] = [];
  const standing: { itemId: string; userId: string; bidId: string }[] = [];

  async function stateFacts(itemId: string): Facts {
    const state = await book.read(itemId);
    if (state === null) return [];
    return [...factsOfItem(state, clock.nowMs(), startMs), ...factsBeside(state, clock.nowMs())];
  }

  async function open(words: Words): Facts {
    const definition = readDefinition(words, startMs);
    const { created } = await book.open(definition);
    if (created) itemIds.push(definition.itemId);
    return [created ? 'opened' : 'taken', ...(await stateFacts(definition.itemId))];
  }

  async function bid(words: Words, line: number): Facts {
    const command = readBid(words, line);
    const answer = await book.place(command);
    const { itemId, userId, bidId } = command;
    const isNew = answer.kind === 'accepted' && answer.bidId === bidId;
    if (isNew) standing.push({ itemId, userId, bidId });
    const state = await book.read(itemId);
    const beside = state === null ? [] : factsBeside(state, clock.nowMs());
    return [...factsOfAnswer(answer, startMs), ...beside];
  }

  async function retract([itemId = '', userId = '']: Words, line: number): Facts {
    const index = standing.findLastIndex((one) => one.itemId === itemId && one.userId === userId);
    const bidId = standing[index]?.bidId ?? 'none';
    const event = await book.retract(itemId, { unwanted: { bidId }, eventId: `event${line}` });
    if (event !== null) standing.splice(index, 1);
    return [event === null ? 'refused' : 'accepted', ...(await stateFacts(itemId))];
  }

  async function remove([itemId = '', userId = '', ban]: Words, line: number): Facts {
    const unwanted = { userId, ban: ban === 'ban' };
    const event = await book.retract(itemId, { unwanted, eventId: `event${line}` });
    return [event === null ? 'refused' : 'accepted', ...(await stateFacts(itemId))];
  }

  async function close([itemId = '']: Words, line: number): Facts {
    const event = await book.close(itemId, { eventId: `event${line}`, force: true });
    return [event === null ? 'refused' : 'accepted', ...(await stateFacts(itemId))];
  }

  async function tick([duration]: Words, line: number): Facts {
    clock.advance(durationOf(duration));
    const closed: ItemEvent[] = [];
    for (const itemId of itemIds) {
      const event = await book.close(itemId, { eventId: `event${line}${itemId}`, force: false });
      if (event !== null) closed.push(event);
    }
    const facts = await Promise.all(closed.map(({ itemId }) => stateFacts(itemId)));
    return closed.length === 0 ? ['nothing'] : facts.flat();
  }

  const commands = new Map<string, (words: Words, line: number) => Facts>([
    ['open', open],
    ['bid', bid],
    ['retract', retract],
    ['remove', remove],
    ['close', close],
    ['tick', tick],
    ['show', async ([itemId = '']) => stateFacts(itemId)],
  ]);

  return async ({ words: [verb = '', ...words], number }) => {
    const command = commands.get(verb);
    if (command === undefined) throw new TableFault(`there is no command "${verb}"`);
    return command(words, number);
  };
}

type Told = Pick<Judged, 'seq' | 'priceMicros' | 'nextMicros' | 'endsAtMs' | 'reserveMet'>;

function factsOfTold(told: Told, startMs: number): string[] {
  const { seq, priceMicros, nextMicros: next, endsAtMs } = told;
  return [
    `seq ${seq}`,
    `price ${tellAmount(priceMicros)}`,
    `next ${next === null ? 'none' : tellAmount(next)}`,
    `close ${endsAtMs === null ? 'open' : tellTime(endsAtMs - startMs)}`,
    told.reserveMet ? 'reserve-met' : 'reserve-not-met',
  ];
}

function factsOfAnswer(answer: PlaceAnswer, startMs: number): string[] {
  if (answer.kind !== 'accepted' && answer.kind !== 'refused') return ['refused', answer.kind];
  const facts = [answer.kind, ...factsOfTold(answer, startMs)];
  if (answer.isHighest) facts.push('highest');
  if (answer.kind === 'refused') return [...facts, answer.code];
  if (answer.outbidByProxy) facts.push('outbid-by-proxy');
  if (answer.eventId === null) facts.push('maximum-raised');
  return facts;
}

function factsOfItem(state: ItemState, nowMs: number, startMs: number): string[] {
  const told = { ...state, nextMicros: nextMicros(state, nowMs), reserveMet: reserveMet(state) };
  return factsOfTold(told, startMs);
}

/** The fields that the answer to a bid leaves out. */
function factsBeside(state: ItemState, nowMs: number): string[] {
  const facts = [
    `leader ${state.leaderId ?? 'nobody'}`,
    `bids ${state.bidCount}`,
    statusAt(state, nowMs),
  ];
  if (state.outcome === 'passed') facts.push('passed');
  if (state.outcome === 'sold') {
    facts.push(`sold ${state.leaderId ?? 'nobody'} ${tellAmount(state.priceMicros)}`);
  }
  return facts;
}
