import { describe, expect, test } from 'bun:test';
import { units } from '../../../test/support/live-item.ts';
import { type CloseEvent, REFUSALS, type RetractEvent } from '../../live/rule/item.ts';
import type { BidView } from '../../live/rule/view.ts';
import { acceptedJson, eventJson, refusedJson } from './item-json.ts';

const JUDGED = {
  seq: 4,
  epoch: 'e1',
  currency: 'EUR',
  priceMicros: units(80),
  endsAtMs: Date.UTC(2026, 0, 1),
  reserveMet: false,
  nextMicros: units(90),
};
const ACCEPTED = {
  ...JUDGED,
  kind: 'accepted',
  isHighest: true,
  bidId: 'bid1',
  eventId: 'evt1',
  outbidByProxy: false,
  ended: false,
} as const;
const REFUSED = { ...JUDGED, kind: 'refused', isHighest: false, code: 'bid_too_low' } as const;

describe('your bid in the answer', () => {
  test('is the current bid while it is yours', () => {
    expect(acceptedJson(ACCEPTED, 50).your_bid).toBe(80);
    expect(acceptedJson(ACCEPTED, null).your_bid).toBe(80);
  });

  test('is what you sent when you were outbid, and never a maximum', () => {
    const outbid = { ...ACCEPTED, isHighest: false, outbidByProxy: true };
    expect(acceptedJson(outbid, 50).your_bid).toBe(50);
    expect(acceptedJson(outbid, null).your_bid).toBeNull();
  });

  test('is what was refused', () => {
    expect(refusedJson(REFUSED, 70).your_bid).toBe(70);
    expect(refusedJson({ ...REFUSED, isHighest: true }, null).your_bid).toBe(80);
    expect(refusedJson(REFUSED, null).your_bid).toBeNull();
  });
});

describe('the message', () => {
  test('of a low bid names the least that would do, once it is above the price', () => {
    const said = (amount: number) => refusedJson(REFUSED, amount).message;
    expect(said(80)).toBe('Bid amount must be higher than current bid');
    expect(said(85)).toBe('Bid amount must be at least 90');
    expect(refusedJson({ ...REFUSED, nextMicros: null }, 85).message).toBe(
      'Bid amount must be higher than current bid',
    );
  });

  test('of each refusal is a sentence of its own', () => {
    const messages = REFUSALS.map((code) => refusedJson({ ...REFUSED, code }, 70).message);
    expect(new Set(messages).size).toBe(REFUSALS.length);
  });

  test('of a raised maximum and of a purchase says what happened', () => {
    expect(acceptedJson({ ...ACCEPTED, eventId: null }, null).message).toBe('Maximum raised');
    expect(acceptedJson({ ...ACCEPTED, ended: true }, null).message).toContain('is yours');
  });
});

test('times are ISO, null where there is none', () => {
  expect(acceptedJson(ACCEPTED, 1).ends_at).toBe('2026-01-01T00:00:00.000Z');
  expect(refusedJson({ ...REFUSED, endsAtMs: null }, 1).ends_at).toBeNull();
});

describe('an event as it leaves', () => {
  const head = { eventId: 'evt1', itemId: 'L1', epoch: 'e1', seq: 3, atMs: Date.UTC(2026, 0, 1) };
  const headJson = { event_id: 'evt1', item_id: 'L1', timestamp: '2026-01-01T00:00:00.000Z' };

  test('is a bid with the names of seed 004, decimal amounts and ISO times', () => {
    const bid: BidView = {
      ...head,
      type: 'bid',
      bidId: 'bid1',
      userId: 'alice',
      amountMicros: units(200),
      previousMicros: units(150.5),
      byProxy: true,
      outbidUserId: 'brian',
      reserveMet: false,
      endsAtMs: null,
    };
    expect(eventJson(bid, 'EUR')).toEqual({
      type: 'bid',
      ...headJson,
      currency: 'EUR',
      bid_id: 'bid1',
      user_id: 'alice',
      amount: 200,
      previous_bid: 150.5,
      seq: 3,
      epoch: 'e1',
      by_proxy: true,
      beaten_user_id: 'brian',
      reserve_met: false,
      ends_at: null,
    });
    const moved = eventJson({ ...bid, endsAtMs: Date.UTC(2026, 0, 2) }, 'EUR');
    expect(moved).toMatchObject({ ends_at: '2026-01-02T00:00:00.000Z' });
  });

  test('is a retraction with the price that counts again', () => {
    const retract: RetractEvent = {
      ...head,
      type: 'retract',
      retractedBidId: 'bid1',
      priceMicros: units(50),
      leaderId: 'brian',
      reserveMet: true,
    };
    expect(eventJson(retract, 'EUR')).toEqual({
      type: 'retract',
      ...headJson,
      currency: 'EUR',
      retracted_bid_id: 'bid1',
      removed_user_id: null,
      current_bid: 50,
      highest_bidder_id: 'brian',
      seq: 3,
      epoch: 'e1',
      reserve_met: true,
    });
  });

  test('is a close with its outcome', () => {
    const close: CloseEvent = {
      ...head,
      type: 'close',
      outcome: 'sold',
      winnerId: 'alice',
      priceMicros: units(200),
    };
    expect(eventJson(close, 'EUR')).toEqual({
      type: 'close',
      ...headJson,
      currency: 'EUR',
      outcome: 'sold',
      winner_id: 'alice',
      current_bid: 200,
      seq: 3,
      epoch: 'e1',
    });
  });
});
