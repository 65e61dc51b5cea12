import { describe, expect, test } from 'bun:test';
import { toMicros } from '../../src/core/money.ts';
import {
  accepted,
  bidEvent,
  call,
  closeEvent,
  kindsOf,
  RETRACT,
  refused,
  UNITS,
} from './tiny-history.ts';

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

  test('explains no bid when a later one was seen before it was called', () => {
    const both = [...log, bidEvent(2, 'u2', { from: 10, to: 11 })];
    const second = call('u2', 11, { respondedMs: 2, answer: accepted(2, 11) });
    const first = call('u3', 10, { respondedMs: 9, answer: refused(1, 10) });
    const orphan = call('u1', 10, { invokedMs: 3 });
    expect(kindsOf(both, [second, first, orphan])).toEqual(['phantom-event']);
  });

  test('explains no bid when its key was decided for another', () => {
    const both = [...log, bidEvent(2, 'u1', { from: 10, to: 11 })];
    const other = { idempotencyKey: 'k', respondedMs: 2, answer: accepted(2, 11) };
    const calls = [call('u1', 10, { idempotencyKey: 'k' }), call('u1', 11, other)];
    expect(kindsOf(both, calls)).toEqual(['phantom-event']);
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

describe('a bid sent twice with its key', () => {
  test('counts as answered when the first of its answers came', () => {
    const log = [bidEvent(1, 'u2', { from: 0, to: 10 }), bidEvent(2, 'u1', { from: 10, to: 11 })];
    const sent = { idempotencyKey: 'k', answer: accepted(2, 11) };
    const slow = call('u1', 11, { ...sent, invokedMs: 0, respondedMs: 9 });
    const fast = call('u1', 11, { ...sent, invokedMs: 1, respondedMs: 3 });
    const next = call('u2', 10, { invokedMs: 5, respondedMs: 6, answer: accepted(1, 10) });
    expect(kindsOf(log, [slow, fast, next])).toEqual(['real-time-order']);
  });
});

describe('a bid that buys at once', () => {
  const log = [bidEvent(1, 'u1', { from: 0, to: 50 }), closeEvent(2, 'u1', 50)];

  function kindsOfPurchase(seq: number): string[] {
    const answer = { ...accepted(1, 50), seq };
    const bought = call('u1', null, { buyNow: true, respondedMs: 1, answer });
    return kindsOf(log, [bought], { buyNowMicros: toMicros(50 * UNITS) });
  }

  test('may be answered with the seq of its bid or of the close it made', () => {
    expect(kindsOfPurchase(1)).toEqual([]);
    expect(kindsOfPurchase(2)).toEqual([]);
  });

  test('is not answered with a seq beyond', () => {
    expect(kindsOfPurchase(3)).toContain('accepted-differs');
  });

  test('may be less than an increment above the price', () => {
    const short = [
      bidEvent(1, 'u1', { from: 0, to: 10 }),
      bidEvent(2, 'u2', { from: 10, to: 10.5 }),
    ];
    const calls = [call('u1', 10, {}), call('u2', null, { buyNow: true })];
    expect(kindsOf(short, calls, { buyNowMicros: toMicros(10.5 * UNITS) })).toEqual([]);
  });
});

describe('a leader', () => {
  const first = bidEvent(1, 'u1', { from: 0, to: 10 });
  const leading = call('u1', 10, { maxMicros: toMicros(15 * UNITS) });

  test('may lift the own price to the reserve by less than an increment', () => {
    const raise = call('u1', null, { maxMicros: toMicros(20 * UNITS) });
    const log = [first, bidEvent(2, 'u1', { from: 10, to: 10.5 })];
    expect(kindsOf(log, [leading, raise])).toEqual([]);
  });

  test('may be refused a maximum that is not above its own, but no higher one', () => {
    const answer = { ...refused(1, 10), code: 'maximum_too_low' } as const;
    const raiseTo = (units: number) =>
      call('u1', null, { maxMicros: toMicros(units * UNITS), respondedMs: 1, answer });
    expect(kindsOf([first], [leading, raiseTo(15)])).toEqual([]);
    expect(kindsOf([first], [leading, raiseTo(16)])).toEqual(['refusal-without-cause']);
  });
});

describe('a refusal', () => {
  const log = [bidEvent(1, 'u1', { from: 0, to: 10 }), bidEvent(2, 'u2', { from: 10, to: 11 })];
  const second = call('u2', 11, { invokedMs: 0, respondedMs: 2, answer: accepted(2, 11) });

  test('is not judged one event behind what was answered before it was called', () => {
    const called = { respondedMs: 9, answer: refused(1, 10) };
    const late = call('u3', 10, { ...called, invokedMs: 3 });
    const overlapping = call('u3', 10, { ...called, invokedMs: 1 });
    expect(kindsOf(log, [call('u1', 10, {}), second, late])).toEqual(['stale-refusal']);
    expect(kindsOf(log, [call('u1', 10, {}), second, overlapping])).toEqual([]);
  });

  test('by a cache may be older than its call, but has its cause', () => {
    const cached = { ...refused(1, 10), cached: true } as const;
    const late = { invokedMs: 3, respondedMs: 9, answer: cached };
    const bids = [call('u1', 10, {}), second];
    expect(kindsOf(log, [...bids, call('u3', 10, late)])).toEqual([]);
    expect(kindsOf(log, [...bids, call('u3', 12, late)])).toEqual(['refusal-without-cause']);
  });

  test('as ended has its cause in the close event', () => {
    const ended = { ...refused(3, 11), code: 'ended', nextMicros: null } as const;
    const calls = [call('u1', 10, {}), second, call('u3', 20, { respondedMs: 9, answer: ended })];
    expect(kindsOf([...log, closeEvent(3, 'u2', 11)], calls)).toEqual([]);
  });
});

describe('after a retraction', () => {
  const log = [bidEvent(1, 'u1', { from: 0, to: 30 })];

  test('the price may start again', () => {
    const again = [...log, RETRACT, bidEvent(3, 'u2', { from: 0, to: 10 })];
    expect(kindsOf(again, [call('u1', 30, {}), call('u2', 10, {})])).toEqual([]);
  });

  test('the same amount needs a second call', () => {
    const again = [...log, RETRACT, bidEvent(3, 'u1', { from: 0, to: 30 })];
    expect(kindsOf(again, [call('u1', 30, {}), call('u1', 30, {})])).toEqual([]);
    expect(kindsOf(again, [call('u1', 30, {})])).toEqual(['phantom-event']);
  });

  test('the price is at most an increment above what it was', () => {
    const priceAt = (units: number) => [
      ...log,
      { ...RETRACT, priceMicros: toMicros(units * UNITS) },
    ];
    expect(kindsOf(priceAt(31), [call('u1', 30, {})])).toEqual([]);
    expect(kindsOf(priceAt(32), [call('u1', 30, {})])).toEqual(['price-chain']);
  });
});
