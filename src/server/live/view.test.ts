import { describe, expect, test } from 'bun:test';
import { units } from '../../../test/support/live-item.ts';
import { REFUSALS } from '../../live/rule/item.ts';
import { acceptedView, refusedView } from './view.ts';

const JUDGED = {
  seq: 4,
  epoch: 'e1',
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
    expect(acceptedView(ACCEPTED, 50).your_bid).toBe(80);
    expect(acceptedView(ACCEPTED, null).your_bid).toBe(80);
  });

  test('is what you sent when you were beaten, and never a maximum', () => {
    const beaten = { ...ACCEPTED, isHighest: false, outbidByProxy: true };
    expect(acceptedView(beaten, 50).your_bid).toBe(50);
    expect(acceptedView(beaten, null).your_bid).toBeNull();
  });

  test('is what was refused', () => {
    expect(refusedView(REFUSED, 70).your_bid).toBe(70);
    expect(refusedView({ ...REFUSED, isHighest: true }, null).your_bid).toBe(80);
    expect(refusedView(REFUSED, null).your_bid).toBeNull();
  });
});

describe('the message', () => {
  test('of a low bid names the least that would do, once it is above the price', () => {
    const said = (amount: number) => refusedView(REFUSED, amount).message;
    expect(said(80)).toBe('Bid amount must be higher than current bid');
    expect(said(85)).toBe('Bid amount must be at least 90');
    expect(refusedView({ ...REFUSED, nextMicros: null }, 85).message).toBe(
      'Bid amount must be higher than current bid',
    );
  });

  test('of each refusal is a sentence of its own', () => {
    const messages = REFUSALS.map((code) => refusedView({ ...REFUSED, code }, 70).message);
    expect(new Set(messages).size).toBe(REFUSALS.length);
  });

  test('of a raised maximum and of a purchase says what happened', () => {
    expect(acceptedView({ ...ACCEPTED, eventId: null }, null).message).toBe('Maximum raised');
    expect(acceptedView({ ...ACCEPTED, ended: true }, null).message).toContain('is yours');
  });
});

test('times are ISO, null where there is none', () => {
  expect(acceptedView(ACCEPTED, 1).ends_at).toBe('2026-01-01T00:00:00.000Z');
  expect(refusedView({ ...REFUSED, endsAtMs: null }, 1).ends_at).toBeNull();
});
