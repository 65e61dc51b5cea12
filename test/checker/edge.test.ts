import { describe, expect, test } from 'bun:test';
import { toMicros, ZERO_MICROS } from '../../src/core/money.ts';
import type { BidEvent, CloseEvent, ItemEvent } from '../../src/live/rule/item.ts';
import { checkHistory } from './checker.ts';
import type { BidAnswer, BidOperation, History } from './history.ts';
import { createDefinition, nextMicrosAt } from './model-auction.ts';

const UNITS = 1_000_000;
const HEAD = { itemId: 'item-1', epoch: 'epoch-1', atMs: 5 };

function bidEvent(seq: number, userId: string, units: { from: number; to: number }): BidEvent {
  const ids = { ...HEAD, seq, eventId: `e${seq}`, bidId: `b${seq}` };
  const amountMicros = toMicros(units.to * UNITS);
  const previousMicros = toMicros(units.from * UNITS);
  const flags = { byProxy: false, beaten: null, reserveMet: true, endsAtMs: null };
  return { ...ids, type: 'bid', userId, amountMicros, previousMicros, ...flags };
}

function closeEvent(seq: number, winnerId: string, units: number): CloseEvent {
  const priceMicros = toMicros(units * UNITS);
  return {
    ...HEAD,
    seq,
    eventId: `e${seq}`,
    type: 'close',
    outcome: 'sold',
    winnerId,
    priceMicros,
  };
}

function call(userId: string, units: number | null, rest: Partial<BidOperation>): BidOperation {
  return {
    kind: 'bid',
    userId,
    amountMicros: units === null ? null : toMicros(units * UNITS),
    maxMicros: null,
    buyNow: false,
    idempotencyKey: null,
    invokedMs: 0,
    respondedMs: null,
    answer: { kind: 'unknown' },
    ...rest,
  };
}

function accepted(seq: number, units: number): BidAnswer {
  const told = { seq, eventId: `e${seq}`, bidId: `b${seq}`, priceMicros: toMicros(units * UNITS) };
  return { kind: 'accepted', ...told, isHighest: true, outbidByProxy: false };
}

function refused(seq: number, units: number): BidAnswer {
  const priceMicros = toMicros(units * UNITS);
  const nextMicros = nextMicrosAt(priceMicros, seq);
  return { kind: 'refused', code: 'bid_too_low', seq, priceMicros, nextMicros };
}

function kindsOf(log: readonly ItemEvent[], operations: readonly BidOperation[]): string[] {
  const definition = createDefinition(0, null);
  const history: History = { definition, operations, log, archive: log, viewers: [] };
  return checkHistory(history, nextMicrosAt).map(({ kind }) => kind);
}

describe('a call whose outcome is unknown', () => {
  const log = [bidEvent(1, 'u1', { from: 0, to: 10 })];

  test('may have been taken', () => {
    expect(kindsOf(log, [call('u1', 10, {})])).toEqual([]);
  });

  test('may not have been taken', () => {
    expect(kindsOf([], [call('u1', 10, {})])).toEqual([]);
  });

  test('may have been taken by way of its maximum', () => {
    expect(kindsOf(log, [call('u1', null, { maxMicros: toMicros(12 * UNITS) })])).toEqual([]);
  });

  test('explains no bid of another user, for another amount or above its maximum', () => {
    const others = [
      call('u2', 10, {}),
      call('u1', 11, {}),
      call('u1', null, { maxMicros: toMicros(9 * UNITS) }),
    ];
    expect(kindsOf(log, others)).toEqual(['phantom-event']);
  });

  test('explains no bid that was seen before it was called', () => {
    const seen = call('u2', 10, { invokedMs: 1, respondedMs: 2, answer: refused(1, 10) });
    expect(kindsOf(log, [seen, call('u1', 10, { invokedMs: 3 })])).toEqual(['phantom-event']);
    expect(kindsOf(log, [seen, call('u1', 10, { invokedMs: 2 })])).toEqual([]);
  });

  test('explains one bid, however often it was sent with its key', () => {
    const twice = [
      bidEvent(1, 'u1', { from: 0, to: 10 }),
      bidEvent(2, 'u2', { from: 10, to: 11 }),
      bidEvent(3, 'u1', { from: 11, to: 12 }),
    ];
    const maximum = { maxMicros: toMicros(20 * UNITS), idempotencyKey: 'k' };
    const calls = [call('u1', 10, maximum), call('u1', 10, maximum), call('u2', 11, {})];
    expect(kindsOf(twice, calls)).toEqual(['phantom-event']);
  });

  test('leaves the wider maximum for the higher bid', () => {
    const rising = [
      bidEvent(1, 'u1', { from: 0, to: 10 }),
      bidEvent(2, 'u2', { from: 10, to: 11 }),
      bidEvent(3, 'u1', { from: 11, to: 15 }),
    ];
    const wide = call('u1', null, { maxMicros: toMicros(20 * UNITS) });
    const narrow = call('u1', null, { maxMicros: toMicros(12 * UNITS) });
    expect(kindsOf(rising, [wide, narrow, call('u2', 11, {})])).toEqual([]);
  });

  test('is settled by a replay with its key', () => {
    const lost = call('u1', 10, { idempotencyKey: 'k' });
    const replay = { ...lost, invokedMs: 5, respondedMs: 6, answer: accepted(1, 10) };
    expect(kindsOf(log, [lost, replay])).toEqual([]);
  });
});

describe('two accepted bids', () => {
  const log = [bidEvent(1, 'u1', { from: 0, to: 10 }), bidEvent(2, 'u2', { from: 10, to: 11 })];
  const second = call('u2', 11, { invokedMs: 0, respondedMs: 5, answer: accepted(2, 11) });

  test('may come in either order when their calls touch', () => {
    const first = call('u1', 10, { invokedMs: 5, respondedMs: 9, answer: accepted(1, 10) });
    expect(kindsOf(log, [first, second])).toEqual([]);
  });

  test('come in the order of their calls when those do not overlap', () => {
    const first = call('u1', 10, { invokedMs: 6, respondedMs: 9, answer: accepted(1, 10) });
    expect(kindsOf(log, [first, second])).toEqual(['real-time-order']);
  });
});

describe('a bid that buys at once', () => {
  const log = [bidEvent(1, 'u1', { from: 0, to: 50 }), closeEvent(2, 'u1', 50)];
  const plain = createDefinition(0, null);
  const buyNowMicros = toMicros(50 * UNITS);
  const definition = { ...plain, policy: { ...plain.policy, buyNowMicros } };

  function kindsOfPurchase(seq: number): string[] {
    const answer = { ...accepted(1, 50), seq };
    const bought = call('u1', null, { buyNow: true, respondedMs: 1, answer });
    const history: History = { definition, operations: [bought], log, archive: log, viewers: [] };
    return checkHistory(history, nextMicrosAt).map(({ kind }) => kind);
  }

  test('may be answered with the seq of its bid or of the close it made', () => {
    expect(kindsOfPurchase(1)).toEqual([]);
    expect(kindsOfPurchase(2)).toEqual([]);
  });

  test('is not answered with a seq beyond', () => {
    expect(kindsOfPurchase(3)).toContain('accepted-differs');
  });
});

describe('after a retraction', () => {
  const retract: ItemEvent = {
    ...HEAD,
    seq: 2,
    eventId: 'e2',
    type: 'retract',
    retractedBidId: 'b1',
    priceMicros: ZERO_MICROS,
    leaderId: null,
    reserveMet: false,
  };

  test('the price may start again', () => {
    const log = [
      bidEvent(1, 'u1', { from: 0, to: 30 }),
      retract,
      bidEvent(3, 'u2', { from: 0, to: 10 }),
    ];
    expect(kindsOf(log, [call('u1', 30, {}), call('u2', 10, {})])).toEqual([]);
  });

  test('the price is at most an increment above what it was', () => {
    const log = [bidEvent(1, 'u1', { from: 0, to: 30 })];
    const priceAt = (units: number) => [
      ...log,
      { ...retract, priceMicros: toMicros(units * UNITS) },
    ];
    expect(kindsOf(priceAt(31), [call('u1', 30, {})])).toEqual([]);
    expect(kindsOf(priceAt(32), [call('u1', 30, {})])).toEqual(['price-chain']);
  });
});
