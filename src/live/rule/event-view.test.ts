import { describe, expect, test } from 'bun:test';
import { units } from '../../../test/support/live-item.ts';
import { eventView } from './event-view.ts';
import type { BidEvent, CloseEvent, RetractEvent } from './item.ts';

const HEAD = { eventId: 'evt1', itemId: 'L1', epoch: 'e1', seq: 3, atMs: Date.UTC(2026, 0, 1) };
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

describe('an event as it leaves', () => {
  test('a bid has the names of seed 004, decimal amounts and ISO times', () => {
    expect(eventView(BID, OPEN)).toEqual({
      type: 'bid',
      event_id: 'evt1',
      item_id: 'L1',
      bid_id: 'bid1',
      user_id: 'alice',
      amount: 200,
      previous_bid: 150.5,
      timestamp: '2026-01-01T00:00:00.000Z',
      seq: 3,
      epoch: 'e1',
      by_proxy: true,
      beaten_user_id: 'brian',
      reserve_met: false,
      ends_at: null,
    });
  });

  test('a bid tells a moved end', () => {
    const view = eventView({ ...BID, beaten: null, endsAtMs: Date.UTC(2026, 0, 2) }, OPEN);
    expect(view).toMatchObject({ beaten_user_id: null, ends_at: '2026-01-02T00:00:00.000Z' });
  });

  test('a masked item masks whoever bid, was beaten, leads or has won', () => {
    expect(eventView(BID, MASKED)).toMatchObject({
      user_id: 'a***e',
      beaten_user_id: 'b***n',
    });
    expect(eventView(RETRACT, MASKED)).toMatchObject({ highest_bidder_id: 'b***n' });
    expect(eventView(CLOSE, MASKED)).toMatchObject({ winner_id: 'a***e' });
  });

  test('the one who looks is never masked to himself', () => {
    expect(eventView(BID, { ...MASKED, viewerId: 'alice' })).toMatchObject({
      user_id: 'alice',
      beaten_user_id: 'b***n',
    });
    expect(eventView(CLOSE, { ...MASKED, viewerId: 'alice' })).toMatchObject({
      winner_id: 'alice',
    });
  });

  test('nobody leads and nobody has won is null, masked or not', () => {
    expect(eventView({ ...RETRACT, leaderId: null }, MASKED)).toMatchObject({
      highest_bidder_id: null,
    });
    expect(eventView({ ...CLOSE, outcome: 'passed', winnerId: null }, MASKED)).toMatchObject({
      outcome: 'passed',
      winner_id: null,
    });
  });
});
