import { describe, expect, test } from 'bun:test';
import { itemOf, lastState, play, units } from '../../../test/support/live-item.ts';
import type { BidEvent, CloseEvent, RetractEvent } from './item.ts';
import { eventView, itemView } from './view.ts';

const RESERVED = itemOf({ reserveMicros: units(777), buyNowMicros: units(999) });

describe('the public view of an item', () => {
  test('says what a bidder needs', () => {
    const item = itemOf({}, { closesAtMs: 500 });
    const led = lastState(item, play(item, [{ userId: 'alice', amount: 60 }]));
    expect(itemView(led, 10)).toEqual({
      itemId: 'L1',
      name: 'A lamp',
      currency: 'USD',
      epoch: 'epoch1',
      seq: 1,
      status: 'active',
      outcome: null,
      startMicros: units(50),
      priceMicros: units(60),
      leaderId: 'alice',
      bidCount: 1,
      reserveMet: true,
      nextMicros: units(70),
      buyNowMicros: null,
      opensAtMs: null,
      endsAtMs: 500,
    });
  });

  test('tells neither the maximum nor the reserve', () => {
    const led = lastState(RESERVED, play(RESERVED, [{ userId: 'alice', max: 555 }]));
    const text = JSON.stringify(itemView(led, 10));
    expect(text).toContain('"reserveMet":false');
    expect(text).not.toContain(String(units(777)));
    expect(text).not.toContain(String(units(555)));
  });

  test('masks the leader when the item says so', () => {
    const item = itemOf({ maskBidders: true });
    expect(itemView(item, 10).leaderId).toBeNull();
    const led = lastState(item, play(item, [{ userId: 'alice', amount: 60 }]));
    expect(itemView(led, 10).leaderId).toBe('a***e');
  });

  test('shows the buy-now price while it can be had', () => {
    expect(itemView(RESERVED, 10).buyNowMicros).toBe(units(999));
    expect(itemView({ ...RESERVED, endsAtMs: 10 }, 10).buyNowMicros).toBeNull();
  });
});

const HEAD = { eventId: 'evt1', itemId: 'L1', epoch: 'e1', seq: 3, atMs: 1_000 };
const BID: BidEvent = {
  ...HEAD,
  type: 'bid',
  bidId: 'bid1',
  userId: 'alice',
  amountMicros: units(200),
  previousMicros: units(150.5),
  byProxy: true,
  beaten: { userId: 'brian', amountMicros: units(190) },
  reserveMet: false,
  endsAtMs: null,
};
const RETRACT: RetractEvent = {
  ...HEAD,
  type: 'retract',
  retractedBidId: 'bid1',
  priceMicros: units(50),
  leaderId: 'brian',
  reserveMet: true,
};
const CLOSE: CloseEvent = {
  ...HEAD,
  type: 'close',
  outcome: 'sold',
  winnerId: 'alice',
  priceMicros: units(200),
};
const OPEN = { masksBidders: false };
const MASKED = { masksBidders: true };

describe('the public view of an event', () => {
  test('of a bid names who was outbid, not what was offered', () => {
    const { beaten: _secret, ...told } = BID;
    expect(eventView(BID, OPEN)).toEqual({ ...told, outbidUserId: 'brian' });
    expect(JSON.stringify(eventView(BID, OPEN))).not.toContain(String(units(190)));
    expect(eventView({ ...BID, beaten: null }, OPEN)).toMatchObject({ outbidUserId: null });
  });

  test('of a retraction and of a close is the whole event', () => {
    expect(eventView(RETRACT, OPEN)).toEqual(RETRACT);
    expect(eventView(CLOSE, OPEN)).toEqual(CLOSE);
  });

  test('masks those who bid, were outbid, lead or have won when the item says so', () => {
    expect(eventView(BID, MASKED)).toMatchObject({ userId: 'a***e', outbidUserId: 'b***n' });
    expect(eventView(RETRACT, MASKED)).toMatchObject({ leaderId: 'b***n' });
    expect(eventView(CLOSE, MASKED)).toMatchObject({ winnerId: 'a***e' });
  });

  test('does not show by the mask how long an id is', () => {
    expect(eventView({ ...BID, userId: 'ab' }, MASKED)).toMatchObject({ userId: 'a***b' });
    expect(eventView({ ...BID, userId: 'a' }, MASKED)).toMatchObject({ userId: 'a***a' });
  });

  test('never masks the one who looks', () => {
    const viewer = { ...MASKED, viewerId: 'alice' };
    expect(eventView(BID, viewer)).toMatchObject({ userId: 'alice', outbidUserId: 'b***n' });
    expect(eventView(CLOSE, viewer)).toMatchObject({ winnerId: 'alice' });
    expect(eventView(BID, { ...MASKED, viewerId: 'brian' })).toMatchObject({
      userId: 'a***e',
      outbidUserId: 'brian',
    });
  });

  test('has null where nobody was outbid, leads or has won, masked or not', () => {
    expect(eventView({ ...BID, beaten: null }, MASKED)).toMatchObject({ outbidUserId: null });
    expect(eventView({ ...RETRACT, leaderId: null }, MASKED)).toMatchObject({ leaderId: null });
    expect(eventView({ ...CLOSE, winnerId: null }, MASKED)).toMatchObject({ winnerId: null });
  });
});
