import { describe, expect, test } from 'bun:test';
import { itemOf, lastState, play, units } from '../../../test/support/live-item.ts';
import { viewOf } from './view.ts';

const RESERVED = itemOf({ reserveMicros: units(777), buyNowMicros: units(999) });

describe('the public view of an item', () => {
  test('says what a bidder needs', () => {
    const item = itemOf({}, { closesAtMs: 500 });
    const led = lastState(item, play(item, [{ userId: 'alice', amount: 60 }]));
    expect(viewOf(led, 10)).toEqual({
      itemId: 'L1',
      name: 'A lamp',
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
    const text = JSON.stringify(viewOf(led, 10));
    expect(text).toContain('"reserveMet":false');
    expect(text).not.toContain(String(units(777)));
    expect(text).not.toContain(String(units(555)));
  });

  test('masks the leader when the item says so', () => {
    const item = itemOf({ maskBidders: true });
    expect(viewOf(item, 10).leaderId).toBeNull();
    const led = lastState(item, play(item, [{ userId: 'alice', amount: 60 }]));
    expect(viewOf(led, 10).leaderId).toBe('a***e');
  });

  test('shows the buy-now price while it can be had', () => {
    expect(viewOf(RESERVED, 10).buyNowMicros).toBe(units(999));
    expect(viewOf({ ...RESERVED, endsAtMs: 10 }, 10).buyNowMicros).toBeNull();
  });
});
