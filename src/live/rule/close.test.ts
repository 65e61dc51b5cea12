import { describe, expect, test } from 'bun:test';
import { bidOf, itemOf, lastState, play, units } from '../../../test/support/live-item.ts';
import { closeItem } from './close.ts';
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
