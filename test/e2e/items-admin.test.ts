import { describe, expect, test } from 'bun:test';
import { ADMIN, ADMIN_KEY, startItemsServer } from '../support/items-server.ts';

const FULL = {
  id: 'vase',
  name: 'A vase',
  start_price: 20,
  increment: { type: 'percent', percent: 2.5, least: 0.5 },
  reserve_price: 4321.09,
  buy_now_price: 9999,
  proxy: true,
  soft_close: { window_seconds: 30, extend_seconds: 60, absolute_end: '2026-01-03T00:00:00Z' },
  opens_at: '2025-12-31T00:00:00.000Z',
  ends_at: '2026-01-02T00:00:00Z',
  mask_bidders: true,
};
const ITEM = '/api/v1/items/vase';
const ALIAS = /^[a-z2-7]{8}$/;

describe('creating an item', () => {
  test('answers 201 with the item, and not with its reserve', async () => {
    await using server = startItemsServer();
    const { status, body } = await server.post('/api/v1/items', FULL, ADMIN);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: 'vase',
      name: 'A vase',
      start_price: 20,
      buy_now_price: 9999,
      reserve_met: false,
      status: 'active',
      opens_at: '2025-12-31T00:00:00.000Z',
      ends_at: '2026-01-02T00:00:00.000Z',
    });
    expect(body).not.toHaveProperty('reserve_price');
    expect(server.store.items.get('vase')?.state.policy).toMatchObject({
      increment: { kind: 'percent', basisPoints: 250, leastMicros: 500_000 },
      reserveMicros: 4_321_090_000,
      softClose: { windowMs: 30_000, extendMs: 60_000, absoluteEndMs: Date.UTC(2026, 0, 3) },
      maskBidders: true,
    });
  });

  test('needs no more than an id; null is the same as absent', async () => {
    await using server = startItemsServer();
    expect((await server.post('/api/v1/items', { id: 'a' }, ADMIN)).status).toBe(201);
    const nulls = { id: 'b', name: null, reserve_price: null, soft_close: null, ends_at: null };
    const { status, body } = await server.post('/api/v1/items', nulls, ADMIN);
    expect({ status, body }).toMatchObject({ status: 201, body: { name: 'b', start_price: 0.01 } });
  });

  test('takes a ladder of increments', async () => {
    await using server = startItemsServer();
    const steps = [
      { below: 100, increment: 5 },
      { below: null, increment: 10 },
    ];
    const ladder = { id: 'ladder', start_price: 99, increment: { type: 'ladder', steps } };
    await server.post('/api/v1/items', ladder, ADMIN);
    const bid = { user_id: 'ann', amount: 99 };
    const { body } = await server.post('/api/v1/items/ladder/bid', bid);
    expect(body).toMatchObject({ minimum_next_bid: 104 });
  });

  test('an id that is taken is 409, and the item stays as it was', async () => {
    await using server = startItemsServer();
    await server.post('/api/v1/items', FULL, ADMIN);
    const { status, body } = await server.post('/api/v1/items', { id: 'vase' }, ADMIN);
    expect({ status, error: body.error }).toEqual({ status: 409, error: 'item_exists' });
    expect((await server.get(ITEM)).body).toMatchObject({ name: 'A vase' });
  });

  test('says every fault at once, in the names of the body', async () => {
    await using server = startItemsServer();
    const wrong = {
      ...FULL,
      start_price: 0.0000001,
      increment: { type: 'ladder', steps: [{ below: 10, increment: 5 }] },
      buy_now_price: 10,
      ends_at: '2025-12-30T00:00:00Z',
    };
    const { status, body } = await server.post('/api/v1/items', wrong, ADMIN);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
    for (const fault of [
      'start_price must be',
      'increment.steps[0].below must be null',
      'buy_now_price must not be below the start price or the reserve',
      'ends_at must be after the opening',
      'ends_at must be in the future',
    ]) {
      expect(body.message).toContain(fault);
    }
  });
});

describe('closing', () => {
  test('answers the close event, once', async () => {
    await using server = startItemsServer();
    await server.post('/api/v1/items', { ...FULL, reserve_price: 20 }, ADMIN);
    await server.post(`${ITEM}/bid`, { user_id: 'alice', amount: 100 });
    const { status, body } = await server.post(`${ITEM}/close`, '', ADMIN);
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'close', outcome: 'sold', winner_id: 'alice', seq: 2 });
    const again = await server.post(`${ITEM}/close`, '', ADMIN);
    expect(again).toMatchObject({ status: 409, body: { error: 'item_ended' } });
  });

  test('an unknown item is 404 and is not opened by it', async () => {
    await using server = startItemsServer();
    const replies = [
      await server.post(`${ITEM}/close`, '', ADMIN),
      await server.post(`${ITEM}/retract`, { bid_id: 'bid1' }, ADMIN),
    ];
    for (const { status, body } of replies) {
      expect({ status, error: body.error }).toEqual({ status: 404, error: 'item_not_found' });
    }
    expect(server.store.items.size).toBe(0);
  });
});

describe('retracting', () => {
  test('answers the compensating event; an unknown bid is 404, an ended item 409', async () => {
    await using server = startItemsServer();
    await server.post('/api/v1/items', FULL, ADMIN);
    await server.post(`${ITEM}/bid`, { user_id: 'alice', amount: 100 });
    const outbid = await server.post(`${ITEM}/bid`, { user_id: 'brian', amount: 200 });
    const bid = { bid_id: outbid.body.bid_id };
    const { status, body } = await server.post(`${ITEM}/retract`, bid, ADMIN);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'retract',
      retracted_bid_id: outbid.body.bid_id,
      current_bid: 100,
      highest_bidder_id: 'alice',
    });
    const again = await server.post(`${ITEM}/retract`, bid, ADMIN);
    expect(again).toMatchObject({ status: 404, body: { error: 'bid_not_found' } });
    await server.post(`${ITEM}/close`, '', ADMIN);
    const late = await server.post(`${ITEM}/retract`, bid, ADMIN);
    expect(late).toMatchObject({ status: 409, body: { error: 'item_ended' } });
  });
});

describe('the admin key', () => {
  const ROUTES = ['/api/v1/items', `${ITEM}/close`, `${ITEM}/retract`];

  test('is needed on every admin route', async () => {
    await using server = startItemsServer();
    for (const route of ROUTES) {
      const wrong = [{}, { 'x-admin-key': 'wrong' }, { authorization: 'Bearer wrong' }];
      for (const headers of wrong) {
        const { status, body, headers: answered } = await server.post(route, FULL, headers);
        expect({ status, error: body.error }).toEqual({ status: 401, error: 'unauthorized' });
        expect(answered.get('www-authenticate')).toBe('Bearer');
      }
    }
    expect(server.store.items.size).toBe(0);
  });

  test('opens no door when none is configured', async () => {
    await using server = startItemsServer({ adminKey: '' });
    for (const route of ROUTES) {
      for (const headers of [ADMIN, { 'x-admin-key': '' }]) {
        const { status, body } = await server.post(route, FULL, headers);
        expect({ status, error: body.error }).toEqual({ status: 403, error: 'forbidden' });
      }
    }
  });

  test('may come as a bearer token', async () => {
    await using server = startItemsServer();
    const bearer = { authorization: `Bearer ${ADMIN_KEY}` };
    expect((await server.post('/api/v1/items', FULL, bearer)).status).toBe(201);
  });
});

describe('secrets', () => {
  test('bidders of an item that masks them are masked wherever the public looks', async () => {
    await using server = startItemsServer();
    await server.post('/api/v1/items', FULL, ADMIN);
    await server.post(`${ITEM}/bid`, { user_id: 'alice', amount: 100, max_amount: 200 });
    await server.post(`${ITEM}/bid`, { user_id: 'brian', amount: 150 });
    await server.get(ITEM);
    await server.get(`${ITEM}/bids`);
    const { body } = await server.get('/api/v1/items');
    expect(body.items[0]?.highest_bidder_id).toMatch(ALIAS);
    const answered = server.answered.join('\n');
    expect(answered).not.toContain('alice');
    expect(answered).not.toContain('brian');
  });

  test('a maximum in force and a reserve are in no body of any route', async () => {
    await using server = startItemsServer();
    await server.post('/api/v1/items', FULL, ADMIN);
    const bid = (body: object) => server.post(`${ITEM}/bid`, body, { 'idempotency-key': 'k' });
    await bid({ user_id: 'alice', amount: 100, max_amount: 3456.78 });
    await bid({ user_id: 'alice', amount: 100, max_amount: 3456.78 });
    await bid({ user_id: 'alice', amount: 100, max_amount: 3456.77 });
    await bid({ user_id: 'brian', amount: 150 });
    await bid({ user_id: 'brian', max_amount: 160 });
    const lower = { user_id: 'alice', max_amount: 170 };
    expect((await server.post(`${ITEM}/bid`, lower)).body.code).toBe('maximum_too_low');
    for (const path of [ITEM, `${ITEM}/bids`, '/api/v1/items']) await server.get(path);
    await server.post('/api/v1/items', FULL, ADMIN);
    await server.post('/api/v1/items', { ...FULL, id: 'b', buy_now_price: 30 }, ADMIN);
    await server.post(`${ITEM}/retract`, { bid_id: 'nothing' }, ADMIN);
    await server.post(`${ITEM}/close`, '', ADMIN);
    await server.get(`${ITEM}/bids`);
    const answered = server.answered.join('\n');
    expect(answered).toContain('reserve-not-met');
    for (const secret of ['3456', '4321', 'max_amount', 'leaderMax']) {
      expect(answered).not.toContain(secret);
    }
  });
});
