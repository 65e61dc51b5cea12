import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ADMIN, type ItemsServer, startItemsServer } from '../support/items-server.ts';

const LAMP = {
  id: 'lamp',
  name: 'A lamp',
  start_price: 50,
  increment: { type: 'fixed', amount: 10 },
};

let server: ItemsServer;
let items = 0;

beforeAll(() => {
  server = startItemsServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A new item of the given policies; answers its path. */
async function open(policy: object = {}): Promise<string> {
  items += 1;
  const id = `lamp${items}`;
  const { status, body } = await server.post('/api/v1/items', { ...LAMP, ...policy, id }, ADMIN);
  expect({ status, body }).toMatchObject({ status: 201 });
  return `/api/v1/items/${id}`;
}

describe('reading an item', () => {
  test('an unknown item is opened at first sight, in the shape of seed 004', async () => {
    const { status, body, headers } = await server.get('/api/v1/items/item_123');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect<object>(body).toEqual({
      id: 'item_123',
      name: 'item_123',
      current_bid: 0,
      highest_bidder_id: null,
      status: 'active',
      outcome: null,
      seq: 0,
      currency: 'USD',
      epoch: expect.any(String),
      start_price: 0.01,
      minimum_next_bid: 0.01,
      buy_now_price: null,
      reserve_met: true,
      bid_count: 0,
      opens_at: null,
      ends_at: null,
      server_time: '2026-01-01T00:00:00.000Z',
    });
  });

  test('an unknown item is 404 when nothing is opened at first sight', async () => {
    await using strict = startItemsServer({ opensOnFirstSight: false });
    const refusals = [
      await strict.get('/api/v1/items/nobody'),
      await strict.post('/api/v1/items/nobody/bid', { user_id: 'ann', amount: 1 }),
    ];
    for (const { status, body } of refusals) {
      expect({ status, error: body.error }).toEqual({ status: 404, error: 'item_not_found' });
    }
  });

  test('a scheduled item says when it opens, and is active when its time has come', async () => {
    await using own = startItemsServer();
    const times = { opens_at: '2026-01-01T00:01:00Z', ends_at: '2026-01-01T02:00:00+01:00' };
    await own.post('/api/v1/items', { ...LAMP, ...times }, ADMIN);
    const early = await own.get('/api/v1/items/lamp');
    expect(early.body).toMatchObject({
      status: 'scheduled',
      opens_at: '2026-01-01T00:01:00.000Z',
      ends_at: '2026-01-01T01:00:00.000Z',
    });
    const refused = await own.post('/api/v1/items/lamp/bid', { user_id: 'ann', amount: 50 });
    expect(refused).toMatchObject({ status: 409, body: { code: 'not_open_yet' } });
    own.clock.advance(60_000);
    expect((await own.get('/api/v1/items/lamp')).body.status).toBe('active');
  });
});

describe('bidding', () => {
  test('an accepted bid has the shape of seed 004 and more', async () => {
    const path = await open();
    const { status, body } = await server.post(`${path}/bid`, { user_id: 'ann', amount: 200 });
    expect(status).toBe(200);
    expect<object>(body).toEqual({
      success: true,
      message: 'Bid accepted',
      current_bid: 200,
      your_bid: 200,
      is_highest: true,
      event_id: expect.stringMatching(/^evt_/),
      bid_id: expect.stringMatching(/^bid_/),
      outbid_by_proxy: false,
      ended: false,
      minimum_next_bid: 210,
      seq: 1,
      currency: 'USD',
      epoch: expect.any(String),
      ends_at: null,
      reserve_met: true,
    });
  });

  test('a bid under the price is refused in the words of seed 004, with the next amount', async () => {
    const path = await open();
    await server.post(`${path}/bid`, { user_id: 'ann', amount: 250 });
    const { status, body } = await server.post(`${path}/bid`, { user_id: 'ben', amount: 200 });
    expect(status).toBe(409);
    expect<object>(body).toEqual({
      success: false,
      code: 'bid_too_low',
      message: 'Bid amount must be higher than current bid',
      current_bid: 250,
      your_bid: 200,
      is_highest: false,
      minimum_next_bid: 260,
      seq: 1,
      currency: 'USD',
      epoch: expect.any(String),
      ends_at: null,
      reserve_met: true,
    });
    const near = await server.post(`${path}/bid`, { user_id: 'ben', amount: 255 });
    expect(near.body.message).toBe('Bid amount must be at least 260');
  });

  test('a bid that a maximum beats at once says so, and not what the maximum is', async () => {
    const path = await open();
    await server.post(`${path}/bid`, { user_id: 'ann', amount: 50, max_amount: 777.77 });
    const { status, body } = await server.post(`${path}/bid`, { user_id: 'ben', amount: 100 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      is_highest: false,
      outbid_by_proxy: true,
      current_bid: 110,
      your_bid: 100,
      message: "Bid accepted, but another bidder's maximum is higher",
    });
  });

  test('a maximum alone bids the least that will do', async () => {
    const path = await open();
    const { body } = await server.post(`${path}/bid`, { user_id: 'ann', max_amount: 300 });
    expect(body).toMatchObject({ success: true, current_bid: 50, your_bid: 50 });
  });

  test('raising the own maximum makes no event', async () => {
    const path = await open();
    await server.post(`${path}/bid`, { user_id: 'ann', max_amount: 300 });
    const { status, body } = await server.post(`${path}/bid`, { user_id: 'ann', max_amount: 400 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ event_id: null, seq: 1, message: 'Maximum raised' });
  });

  test('buy now ends the item', async () => {
    const path = await open({ buy_now_price: 500 });
    const { body } = await server.post(`${path}/bid`, { user_id: 'ann', buy_now: true });
    expect(body).toMatchObject({ success: true, current_bid: 500, ended: true, your_bid: 500 });
    expect((await server.get(path)).body).toMatchObject({
      status: 'ended',
      outcome: 'sold',
      minimum_next_bid: null,
      buy_now_price: null,
    });
    const late = await server.post(`${path}/bid`, { user_id: 'ben', amount: 900 });
    expect(late).toMatchObject({ status: 409, body: { code: 'ended', minimum_next_bid: null } });
  });

  test('each refusal of the rules has its code', async () => {
    const plain = await open({ proxy: false });
    const refusal = async (path: string, bid: object) => (await server.post(path, bid)).body.code;
    expect(await refusal(`${plain}/bid`, { user_id: 'ann', buy_now: true })).toBe(
      'buy_now_not_available',
    );
    expect(await refusal(`${plain}/bid`, { user_id: 'ann', max_amount: 90 })).toBe(
      'proxy_not_allowed',
    );
    const proxied = await open();
    const low = { user_id: 'ann', amount: 90, max_amount: 80 };
    expect(await refusal(`${proxied}/bid`, low)).toBe('maximum_too_low');
  });

  test('a soft close moves the end and the answer tells it', async () => {
    const soft_close = { window_seconds: 60, extend_seconds: 90 };
    const path = await open({ ends_at: '2026-01-01T00:00:30Z', soft_close });
    const { body } = await server.post(`${path}/bid`, { user_id: 'ann', amount: 50 });
    expect(body.ends_at).toBe('2026-01-01T00:01:30.000Z');
  });

  test('the same key gives the same answer, with another bid it is 422', async () => {
    const path = await open();
    const key = { 'idempotency-key': 'once' };
    const first = await server.post(`${path}/bid`, { user_id: 'ann', amount: 60 }, key);
    await server.post(`${path}/bid`, { user_id: 'ben', amount: 70 });
    const again = await server.post(`${path}/bid`, { user_id: 'ann', amount: 60 }, key);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    const other = await server.post(`${path}/bid`, { user_id: 'ann', amount: 90 }, key);
    expect(other).toMatchObject({ status: 422, body: { error: 'idempotency_key_reused' } });
    const cid = await server.post(`${path}/bid`, { user_id: 'cid', amount: 90 }, key);
    expect(cid.status).toBe(200);
  });

  test('what cannot be decided is 503 with Retry-After, never accepted', async () => {
    await using own = startItemsServer();
    own.store.failing = true;
    const replies = [
      await own.post('/api/v1/items/lamp/bid', { user_id: 'ann', amount: 60 }),
      await own.get('/api/v1/items/lamp'),
      await own.get('/api/v1/items/lamp/bids'),
      await own.post('/api/v1/items', LAMP, ADMIN),
      await own.post('/api/v1/items/lamp/close', '', ADMIN),
      await own.post('/api/v1/items/lamp/retract', { bid_id: 'b' }, ADMIN),
    ];
    for (const { status, body, headers } of replies) {
      expect({ status, error: body.error }).toEqual({ status: 503, error: 'not_decided' });
      expect(headers.get('retry-after')).toBe('1');
    }
    expect(own.faults).toEqual([]);
  });

  test('a user over the limit is 429 with Retry-After, others are not held up', async () => {
    await using own = startItemsServer({ bidsPerSecond: 2 });
    const bid = (user_id: string, amount: number) =>
      own.post('/api/v1/items/lamp/bid', { user_id, amount });
    expect((await bid('ann', 1)).status).toBe(200);
    expect((await bid('ann', 2)).status).toBe(200);
    const third = await bid('ann', 3);
    expect(third).toMatchObject({ status: 429, body: { error: 'rate_limit_exceeded' } });
    expect(third.headers.get('retry-after')).toBe('1');
    expect((await bid('ben', 4)).status).toBe(200);
    own.clock.advance(1_001);
    expect((await bid('ann', 5)).status).toBe(200);
  });
});

describe('the list', () => {
  test('pages by id and filters by status', async () => {
    await using own = startItemsServer();
    for (const id of ['a', 'b', 'c']) await own.post('/api/v1/items', { ...LAMP, id }, ADMIN);
    await own.post('/api/v1/items/b/close', '', ADMIN);
    const ids = async (query: string) => {
      const { body } = await own.get(`/api/v1/items${query}`);
      return [body.items.map(({ id }) => id), body.next_after];
    };
    expect(await ids('')).toEqual([['a', 'b', 'c'], null]);
    expect(await ids('?limit=2')).toEqual([['a', 'b'], 'b']);
    expect(await ids('?limit=2&after=b')).toEqual([['c'], null]);
    expect(await ids('?status=ended')).toEqual([['b'], null]);
    expect(await ids('?status=scheduled')).toEqual([[], null]);
  });
});

describe('the history', () => {
  test('has every event in the shape of seed 004, paged by seq', async () => {
    const path = await open();
    const first = await server.post(`${path}/bid`, { user_id: 'ann', amount: 50 });
    await server.post(`${path}/bid`, { user_id: 'ben', amount: 150.5 });
    await server.post(`${path}/retract`, { bid_id: first.body.bid_id }, ADMIN);
    await server.post(`${path}/close`, '', ADMIN);
    const { status, body } = await server.get(`${path}/bids`);
    expect(status).toBe(200);
    expect(body.next_after_seq).toBeNull();
    const seen = body.events.map(({ type, seq }) => [type, seq]);
    expect(seen).toEqual([
      ['bid', 1],
      ['bid', 2],
      ['retract', 3],
      ['close', 4],
    ]);
    expect(body.events[0]).toMatchObject({
      event_id: first.body.event_id,
      item_id: path.split('/').at(-1),
      bid_id: first.body.bid_id,
      user_id: 'ann',
      amount: 50,
      previous_bid: 0,
      timestamp: '2026-01-01T00:00:00.000Z',
      type: 'bid',
      seq: 1,
    });
    const page = await server.get(`${path}/bids?after_seq=1&limit=2`);
    expect(page.body.events.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(page.body.next_after_seq).toBe(3);
    expect((await server.get(`${path}/bids?epoch=another`)).body.events).toEqual([]);
  });

  test('asking for the history of an unknown item is 404 and opens nothing', async () => {
    const { status } = await server.get('/api/v1/items/never-seen/bids');
    expect(status).toBe(404);
    expect(server.store.items.has('never-seen')).toBe(false);
  });
});

test('another method on a known path is 405 and says which it takes', async () => {
  const { status, headers } = await server.get('/api/v1/items/lamp1/bid');
  expect(status).toBe(405);
  expect(headers.get('allow')).toBe('POST');
});
