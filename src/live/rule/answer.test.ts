import { describe, expect, test } from 'bun:test';
import { itemOf, lastState, play, units, type Wish } from '../../../test/support/live-item.ts';
import { placeAnswer } from './answer.ts';
import type { ItemPolicy } from './item.ts';

/** The answer to the last of these bids. */
function answerTo(wishes: readonly Wish[], policy: Partial<ItemPolicy> = {}) {
  const step = play(itemOf(policy), wishes).at(-1);
  if (step === undefined) throw new Error('no bid');
  return placeAnswer(step.decision, { ...step, nowMs: wishes.length });
}

describe('an answer', () => {
  test('of an accepted bid says what the bid made of the item', () => {
    expect(answerTo([{ userId: 'ann', amount: 60 }])).toEqual({
      kind: 'accepted',
      seq: 1,
      epoch: 'epoch1',
      currency: 'USD',
      priceMicros: units(60),
      endsAtMs: null,
      reserveMet: true,
      nextMicros: units(70),
      isHighest: true,
      bidId: 'bid1',
      eventId: 'event1',
      outbidByProxy: false,
      ended: false,
    });
  });

  test('of a refused bid says what the bid met', () => {
    const wishes = [
      { userId: 'ann', amount: 60 },
      { userId: 'ben', amount: 65 },
    ];
    expect(answerTo(wishes, { reserveMicros: units(100) })).toEqual({
      kind: 'refused',
      code: 'bid_too_low',
      seq: 1,
      epoch: 'epoch1',
      currency: 'USD',
      priceMicros: units(60),
      endsAtMs: null,
      reserveMet: false,
      nextMicros: units(70),
      isHighest: false,
    });
  });

  test('of a maximum that only rose names the newest event and has none of its own', () => {
    const answer = answerTo([
      { userId: 'ann', amount: 60, max: 100 },
      { userId: 'ann', max: 200 },
    ]);
    expect(answer).toMatchObject({ kind: 'accepted', seq: 1, eventId: null, isHighest: true });
  });

  test("of a purchase names the bid's event, and that it ended the item", () => {
    const item = { userId: 'ann', buyNow: true };
    const answer = answerTo([item], { buyNowMicros: units(500) });
    expect(answer).toMatchObject({ seq: 1, eventId: 'event1', ended: true, nextMicros: null });
    const state = lastState(itemOf(), play(itemOf({ buyNowMicros: units(500) }), [item]));
    expect(state.seq).toBe(2);
  });

  test('says that a maximum has outbid the bidder at once', () => {
    const answer = answerTo([
      { userId: 'ann', amount: 60, max: 100 },
      { userId: 'ben', amount: 90 },
    ]);
    expect(answer).toMatchObject({ outbidByProxy: true, isHighest: false, nextMicros: units(110) });
  });
});
