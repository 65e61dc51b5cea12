import { describe, expect, test } from 'bun:test';
import {
  bidOf,
  itemOf,
  lastState,
  play,
  units,
  type Wish,
} from '../../../test/support/live-item.ts';
import type { Decision, ItemPolicy } from './item.ts';
import { placeBid } from './place.ts';

/** Places all wishes and tells the last decision. */
function last(policy: Partial<ItemPolicy>, ...wishes: Wish[]): Decision | undefined {
  return play(itemOf(policy), wishes).at(-1)?.decision;
}

function lastEvent(policy: Partial<ItemPolicy>, ...wishes: Wish[]) {
  const decision = last(policy, ...wishes);
  return decision?.accepted ? decision.events[0] : undefined;
}

function refusal(policy: Partial<ItemPolicy>, ...wishes: Wish[]) {
  const decision = last(policy, ...wishes);
  return decision?.accepted ? undefined : decision?.code;
}

const ann = (amount: number): Wish => ({ userId: 'ann', amount });
const ben = (amount: number): Wish => ({ userId: 'ben', amount });
const annMax = (max: number): Wish => ({ userId: 'ann', max });
const benMax = (max: number): Wish => ({ userId: 'ben', max });

describe('a straight bid', () => {
  test('becomes the price exactly, in one event', () => {
    expect(last({}, ann(50), ben(87))).toMatchObject({
      accepted: true,
      isHighest: true,
      outbidByProxy: false,
      state: { seq: 2, priceMicros: units(87), leaderId: 'ben', bidCount: 2 },
      events: [
        {
          type: 'bid',
          eventId: 'event2',
          bidId: 'bid2',
          itemId: 'L1',
          epoch: 'epoch1',
          seq: 2,
          atMs: 2,
          userId: 'ben',
          amountMicros: units(87),
          previousMicros: units(50),
          byProxy: false,
          beaten: null,
          reserveMet: true,
          endsAtMs: null,
        },
      ],
    });
  });

  test('below the next amount is refused with that amount', () => {
    expect(last({}, ann(50), ben(59))).toEqual({
      accepted: false,
      code: 'bid_too_low',
      nextMicros: units(60),
    });
    expect(refusal({}, ann(49))).toBe('bid_too_low');
  });

  test('equal to the price is refused', () => {
    expect(refusal({}, ann(50), ben(50))).toBe('bid_too_low');
  });

  test('of the leader raises the price, and keeps a maximum that is higher', () => {
    expect(last({}, annMax(200), ann(130))).toMatchObject({
      state: { priceMicros: units(130), leaderMaxMicros: units(200), seq: 2 },
    });
  });

  test('without amount and maximum is refused', () => {
    expect(refusal({}, { userId: 'ann' })).toBe('bid_too_low');
  });
});

describe('a maximum', () => {
  test('pays the least that will do', () => {
    expect(last({}, annMax(200))).toMatchObject({
      state: { priceMicros: units(50), leaderMaxMicros: units(200) },
    });
  });

  test('with a visible amount pays that amount', () => {
    expect(lastEvent({}, { userId: 'ann', amount: 80, max: 200 })).toMatchObject({
      amountMicros: units(80),
    });
  });

  test('answers a lower bid with one increment more, in one event of the leader', () => {
    expect(last({}, annMax(200), ben(90))).toMatchObject({
      isHighest: false,
      outbidByProxy: true,
      state: { leaderId: 'ann', leaderMaxMicros: units(200), seq: 2 },
      events: [
        {
          bidId: 'bid2',
          userId: 'ann',
          amountMicros: units(100),
          byProxy: true,
          beaten: { userId: 'ben', amountMicros: units(90) },
        },
      ],
    });
  });

  test('answers a lower maximum, but never above itself', () => {
    expect(lastEvent({}, annMax(200), benMax(150))).toMatchObject({ amountMicros: units(160) });
    expect(lastEvent({}, annMax(200), benMax(195))).toMatchObject({ amountMicros: units(200) });
  });

  test('that equals the leader leaves the lead to the earlier, at that maximum', () => {
    expect(last({}, annMax(200), benMax(200))).toMatchObject({
      outbidByProxy: true,
      state: { leaderId: 'ann', priceMicros: units(200) },
    });
  });

  test('that is higher pays one increment over the outbid one', () => {
    expect(lastEvent({}, annMax(200), benMax(300))).toMatchObject({ amountMicros: units(210) });
  });

  test('that is a little higher pays itself', () => {
    expect(lastEvent({}, annMax(200), benMax(203))).toMatchObject({ amountMicros: units(203) });
  });

  test('takes its increment from the outbid amount on a ladder', () => {
    const increment: ItemPolicy['increment'] = {
      kind: 'ladder',
      steps: [
        { belowMicros: units(100), incrementMicros: units(5) },
        { belowMicros: null, incrementMicros: units(20) },
      ],
    };
    expect(lastEvent({ increment }, annMax(200), ben(120))).toMatchObject({
      amountMicros: units(140),
    });
    expect(lastEvent({ increment }, annMax(150), benMax(300))).toMatchObject({
      amountMicros: units(170),
    });
  });

  test('below the next amount, or below its own visible amount, is refused', () => {
    expect(last({}, ann(50), benMax(59))).toEqual({
      accepted: false,
      code: 'maximum_too_low',
      nextMicros: units(60),
    });
    expect(refusal({}, { userId: 'ann', amount: 80, max: 79 })).toBe('maximum_too_low');
  });

  test('of another than the leader does not excuse a visible amount that is too low', () => {
    expect(refusal({}, ann(50), { userId: 'ben', amount: 50, max: 300 })).toBe('bid_too_low');
  });

  test('is refused where the item takes none', () => {
    expect(refusal({ proxy: false }, annMax(80))).toBe('proxy_not_allowed');
  });
});

describe('the leader', () => {
  test('raises the own maximum without an event', () => {
    expect(last({}, annMax(100), annMax(300))).toMatchObject({
      accepted: true,
      events: [],
      isHighest: true,
      state: { seq: 1, priceMicros: units(50), leaderMaxMicros: units(300), bidCount: 1 },
    });
  });

  test('may repeat the price when raising the own maximum', () => {
    expect(last({}, annMax(100), { userId: 'ann', amount: 50, max: 300 })).toMatchObject({
      events: [],
      state: { priceMicros: units(50), leaderMaxMicros: units(300) },
      record: { bidId: 'bid2', userId: 'ann', amountMicros: null, maxMicros: units(300) },
    });
  });

  test('raises price and maximum with a higher amount', () => {
    expect(last({}, annMax(100), { userId: 'ann', amount: 70, max: 300 })).toMatchObject({
      events: [{ amountMicros: units(70) }],
      state: { leaderMaxMicros: units(300) },
    });
  });

  test('may repeat the own maximum, which changes nothing', () => {
    expect(last({}, annMax(200), annMax(200))).toMatchObject({
      accepted: true,
      events: [],
      state: { seq: 1, leaderMaxMicros: units(200) },
    });
  });

  test('cannot lower the own maximum', () => {
    expect(refusal({}, annMax(200), annMax(190))).toBe('maximum_too_low');
    expect(refusal({}, annMax(200), { userId: 'ann', amount: 70, max: 190 })).toBe(
      'maximum_too_low',
    );
  });
});

describe('a reserve', () => {
  const policy = { reserveMicros: units(120) };

  test('is bid at once by a maximum that reaches it', () => {
    expect(lastEvent(policy, annMax(120))).toMatchObject({
      amountMicros: units(120),
      reserveMet: true,
    });
    expect(lastEvent(policy, ann(60), benMax(300))).toMatchObject({ amountMicros: units(120) });
  });

  test('is not met by a maximum below it', () => {
    expect(lastEvent(policy, annMax(119))).toMatchObject({
      amountMicros: units(50),
      reserveMet: false,
    });
  });

  test('is bid in one event when the leader raises the own maximum to it', () => {
    expect(last(policy, annMax(100), annMax(150))).toMatchObject({
      events: [{ seq: 2, amountMicros: units(120), byProxy: false, reserveMet: true }],
    });
  });
});

describe('buy now', () => {
  const policy = { buyNowMicros: units(500) };
  const buy: Wish = { userId: 'ben', buyNow: true };

  test('makes the bid and the close', () => {
    expect(last(policy, buy)).toMatchObject({
      isHighest: true,
      state: { status: 'ended', outcome: 'sold', seq: 2, leaderId: 'ben', bidCount: 1 },
      events: [
        { type: 'bid', eventId: 'event1', seq: 1, userId: 'ben', amountMicros: units(500) },
        {
          type: 'close',
          eventId: 'event1:end',
          seq: 2,
          outcome: 'sold',
          winnerId: 'ben',
          priceMicros: units(500),
        },
      ],
    });
  });

  test('is off once somebody has bid', () => {
    expect(last(policy, ann(50), buy)).toEqual({
      accepted: false,
      code: 'buy_now_not_available',
      nextMicros: units(60),
    });
  });

  test('stays on while the reserve is not met, and no longer', () => {
    const reserved = { ...policy, reserveMicros: units(100) };
    expect(last(reserved, ann(99), buy)).toMatchObject({ accepted: true });
    expect(refusal(reserved, ann(100), buy)).toBe('buy_now_not_available');
  });

  test('is not offered by an item without a price for it', () => {
    expect(refusal({}, buy)).toBe('buy_now_not_available');
  });

  test('is not set off by a bid that is as high', () => {
    expect(last(policy, ann(500))).toMatchObject({ state: { status: 'active' } });
  });
});

describe('the times of an item', () => {
  test('open it by themselves', () => {
    const item = itemOf({}, { opensAtMs: 100 });
    const bid = bidOf({ userId: 'ann', amount: 50 });
    expect(placeBid(item, bid, 99)).toEqual({
      accepted: false,
      code: 'not_open_yet',
      nextMicros: units(50),
    });
    expect(placeBid(item, bid, 100)).toMatchObject({ state: { status: 'active' } });
  });

  test('end it though it was not closed yet', () => {
    const item = itemOf({}, { closesAtMs: 100 });
    const bid = bidOf({ userId: 'ann', amount: 50 });
    expect(placeBid(item, bid, 99)).toMatchObject({ accepted: true });
    expect(placeBid(item, bid, 100)).toEqual({ accepted: false, code: 'ended', nextMicros: null });
  });

  test('are moved by a late bid, also one that a proxy beats, and told in its event', () => {
    const softClose = { windowMs: 50, extendMs: 80, absoluteEndMs: null };
    const item = itemOf({ softClose }, { closesAtMs: 100 });
    const led = lastState(item, play(item, [annMax(200)], 10));
    expect(placeBid(led, bidOf(ben(90)), 60)).toMatchObject({
      state: { endsAtMs: 140 },
      events: [{ endsAtMs: 140 }],
    });
    expect(placeBid(led, bidOf(annMax(300)), 60)).toMatchObject({ state: { endsAtMs: 100 } });
  });
});
