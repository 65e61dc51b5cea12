import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { bidOf, itemOf, lastState, play, units } from '../../../test/support/live-item.ts';
import { closeItem, endAfterBid } from './close.ts';
import type { SoftClose } from './item.ts';
import { placeBid } from './place.ts';

const DUE = { eventId: 'closing', force: false };
const FORCED = { eventId: 'closing', force: true };

function after(item = itemOf(), ...amounts: number[]) {
  const wishes = amounts.map((amount, index) => ({ userId: `user${index}`, amount }));
  return lastState(item, play(item, wishes));
}

describe('a close', () => {
  test('is not made before the end, nor without an end', () => {
    expect(closeItem(itemOf({}, { closesAtMs: 100 }), DUE, 99)).toBeNull();
    expect(closeItem(itemOf(), DUE, 1e15)).toBeNull();
  });

  test('sells to the leader at the price', () => {
    const closed = closeItem(after(itemOf({}, { closesAtMs: 100 }), 60, 80), DUE, 104);
    expect(closed?.event).toEqual({
      type: 'close',
      eventId: 'closing',
      itemId: 'L1',
      epoch: 'epoch1',
      seq: 3,
      atMs: 104,
      outcome: 'sold',
      winnerId: 'user1',
      priceMicros: units(80),
    });
    expect(closed?.state).toMatchObject({
      status: 'ended',
      outcome: 'sold',
      seq: 3,
      endsAtMs: 100,
    });
  });

  test('passes an item without a bid', () => {
    const closed = closeItem(itemOf({ reserveMicros: units(70) }), FORCED, 5);
    expect(closed?.event).toMatchObject({ outcome: 'passed', winnerId: null, priceMicros: 0 });
  });

  test('has no winner when the reserve is not met', () => {
    const closed = closeItem(after(itemOf({ reserveMicros: units(70) }), 60), FORCED, 5);
    expect(closed?.event).toMatchObject({ outcome: 'reserve-not-met', winnerId: null });
  });

  test('sells at the reserve itself', () => {
    const closed = closeItem(after(itemOf({ reserveMicros: units(70) }), 70), FORCED, 5);
    expect(closed?.event.outcome).toBe('sold');
  });

  test('by force ends at once, also before the opening', () => {
    const closed = closeItem(itemOf({}, { opensAtMs: 50, closesAtMs: 100 }), FORCED, 7);
    expect(closed?.state).toMatchObject({ status: 'ended', endsAtMs: 7 });
  });

  test('is made once', () => {
    const closed = closeItem(itemOf(), FORCED, 5);
    expect(closed && closeItem(closed.state, FORCED, 6)).toBeNull();
  });

  test('leaves no bid that would do', () => {
    const closed = closeItem(itemOf(), FORCED, 5);
    const decision = closed && placeBid(closed.state, bidOf({ userId: 'ann', amount: 500 }), 4);
    expect(decision).toEqual({ accepted: false, code: 'ended', nextMicros: null });
  });
});

function endAfter(nowMs: number, softClose: SoftClose | null, endsAtMs = 1_000): number | null {
  return endAfterBid(itemOf({ softClose }, { closesAtMs: endsAtMs }), nowMs);
}

const SOFT: SoftClose = { windowMs: 100, extendMs: 200, absoluteEndMs: null };

describe('a soft close', () => {
  test('moves the end when a bid comes in the window', () => {
    expect(endAfter(950, SOFT)).toBe(1_150);
  });

  test('counts a bid at the very start of the window', () => {
    expect(endAfter(900, SOFT)).toBe(1_100);
    expect(endAfter(899, SOFT)).toBe(1_000);
  });

  test('stops at the absolute end', () => {
    expect(endAfter(950, { ...SOFT, absoluteEndMs: 1_060 })).toBe(1_060);
  });

  test('leaves the end of an item that has none, or no soft close', () => {
    expect(endAfterBid(itemOf({ softClose: SOFT }), 5)).toBeNull();
    expect(endAfter(950, null)).toBe(1_000);
  });

  test('never shortens and never passes the absolute end', () => {
    const span = fc.integer({ min: 1, max: 2_000 });
    const spans = fc.record({ windowMs: span, extendMs: span, beyondMs: span, nowMs: span });
    fc.assert(
      fc.property(spans, ({ windowMs, extendMs, beyondMs, nowMs }) => {
        const endsAtMs = 2_000;
        const absoluteEndMs = endsAtMs + beyondMs;
        const end = endAfter(nowMs, { windowMs, extendMs, absoluteEndMs }, endsAtMs);
        expect(end).toBeGreaterThanOrEqual(endsAtMs);
        expect(end).toBeLessThanOrEqual(absoluteEndMs);
      }),
    );
  });
});
