import { describe, expect, test } from 'bun:test';
import { itemOf, lastState, play, units } from '../../../test/support/live-item.ts';
import type { BidEvent, CloseEvent, RetractEvent } from './item.ts';
import {
  ADMIN,
  type AliasOf,
  concerns,
  eventView,
  itemView,
  type Looker,
  lensOf,
  PUBLIC,
  UNMASKED,
} from './view.ts';

const aliasOf: AliasOf = (secret, userId) => `${secret}-${userId.length}`;
const MASKING = { ...itemOf({ maskBidders: true }), maskSecret: 's' };

function seenBy(looker: Looker) {
  return lensOf(MASKING, looker, aliasOf);
}

const RESERVED = itemOf({ reserveMicros: units(777), buyNowMicros: units(999) });

describe('the public view of an item', () => {
  test('says what a bidder needs', () => {
    const item = itemOf({}, { closesAtMs: 500 });
    const led = lastState(item, play(item, [{ userId: 'alice', amount: 60 }]));
    expect(itemView(led, 10, UNMASKED)).toEqual({
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
    const text = JSON.stringify(itemView(led, 10, UNMASKED));
    expect(text).toContain('"reserveMet":false');
    expect(text).not.toContain(String(units(777)));
    expect(text).not.toContain(String(units(555)));
  });

  test('shows the leader as the lens does', () => {
    expect(itemView(MASKING, 10, seenBy(PUBLIC)).leaderId).toBeNull();
    const led = lastState(MASKING, play(MASKING, [{ userId: 'alice', amount: 60 }]));
    expect(itemView(led, 10, seenBy(PUBLIC)).leaderId).toBe('s-5');
    expect(itemView(led, 10, seenBy(ADMIN)).leaderId).toBe('alice');
  });

  test('never shows the secret of its aliases', () => {
    const item = { ...MASKING, maskSecret: 'hush' };
    expect(JSON.stringify(itemView(item, 10, seenBy(ADMIN)))).not.toContain('hush');
  });

  test('shows the buy-now price while it can be had', () => {
    expect(itemView(RESERVED, 10, UNMASKED).buyNowMicros).toBe(units(999));
    expect(itemView({ ...RESERVED, endsAtMs: 10 }, 10, UNMASKED).buyNowMicros).toBeNull();
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

describe('the bidders of an item', () => {
  test('are seen by everybody when it does not mask them', () => {
    expect(lensOf(itemOf(), PUBLIC, aliasOf)('alice')).toBe('alice');
  });

  test('have an alias when it does, but for themselves and for the admin', () => {
    expect(seenBy(PUBLIC)('alice')).toBe('s-5');
    const alice = seenBy({ userId: 'alice', seesAll: false });
    expect([alice('alice'), alice('ale')]).toEqual(['alice', 's-3']);
    expect(seenBy(ADMIN)('alice')).toBe('alice');
  });

  test('cannot be told apart on an item without a secret', () => {
    const lens = lensOf(itemOf({ maskBidders: true }), PUBLIC, aliasOf);
    expect([lens('alice'), lens('ale')]).toEqual(['********', '********']);
  });
});

describe('the public view of an event', () => {
  test('of a bid names who was outbid, not what was offered', () => {
    const { beaten: _secret, ...told } = BID;
    expect(eventView(BID, UNMASKED)).toEqual({ ...told, outbidUserId: 'brian' });
    expect(JSON.stringify(eventView(BID, UNMASKED))).not.toContain(String(units(190)));
    expect(eventView({ ...BID, beaten: null }, UNMASKED)).toMatchObject({ outbidUserId: null });
  });

  test('of a retraction and of a close is the whole event', () => {
    expect(eventView(RETRACT, UNMASKED)).toEqual(RETRACT);
    expect(eventView(CLOSE, UNMASKED)).toEqual(CLOSE);
  });

  test('shows those who bid, were outbid, lead or have won as the lens does', () => {
    const lens = (userId: string) => `<${userId}>`;
    expect(eventView(BID, lens)).toMatchObject({ userId: '<alice>', outbidUserId: '<brian>' });
    expect(eventView(RETRACT, lens)).toMatchObject({ leaderId: '<brian>' });
    expect(eventView(CLOSE, lens)).toMatchObject({ winnerId: '<alice>' });
  });

  test('has null where nobody was outbid, leads or has won', () => {
    const lens = seenBy(PUBLIC);
    expect(eventView({ ...BID, beaten: null }, lens)).toMatchObject({ outbidUserId: null });
    expect(eventView({ ...RETRACT, leaderId: null }, lens)).toMatchObject({ leaderId: null });
    expect(eventView({ ...CLOSE, winnerId: null }, lens)).toMatchObject({ winnerId: null });
  });

  test('concerns whom it names', () => {
    const named = [BID, RETRACT, CLOSE].map((event) =>
      ['alice', 'brian', 'cid'].filter((userId) => concerns(event, userId)),
    );
    expect(named).toEqual([['alice', 'brian'], ['brian'], ['alice']]);
    expect(concerns({ ...BID, beaten: null }, 'brian')).toBe(false);
  });
});
