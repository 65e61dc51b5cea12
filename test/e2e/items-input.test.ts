import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ADMIN, type ItemsServer, startItemsServer } from '../support/items-server.ts';

let server: ItemsServer;

beforeAll(() => {
  server = startItemsServer();
});
afterAll(async () => {
  expect(server.faults).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const BID = '/api/v1/items/lamp/bid';
const TOO_LONG = 'x'.repeat(129);
const HUGE = `{"user_id":"ann","amount":1,"pad":"${'x'.repeat(17_000)}"}`;
const DEEP = `${'['.repeat(4_000)}${']'.repeat(4_000)}`;

type Case = readonly [what: string, body: unknown, status: number, message: string];

const BAD_BIDS: readonly Case[] = [
  ['no body', '', 400, 'not valid JSON'],
  ['half a body', '{"user_id":', 400, 'not valid JSON'],
  ['two bodies', '{}{}', 400, 'not valid JSON'],
  ['null', 'null', 400, 'an object with user_id'],
  ['an array', '[]', 400, 'an object with user_id'],
  ['a text', '"bid"', 400, 'an object with user_id'],
  ['a number', '7', 400, 'an object with user_id'],
  ['deep arrays', DEEP, 400, ''],
  ['nothing in it', {}, 400, 'amount: expected'],
  ['no user', { amount: 1 }, 400, 'user_id: expected an id'],
  ['no amount', { user_id: 'ann' }, 400, 'amount: expected'],
  ['null amount alone', { user_id: 'ann', amount: null }, 400, 'amount: expected'],
  ['no wish to buy now', { user_id: 'ann', buy_now: false }, 400, 'amount: expected'],
  ['an empty user', { user_id: '', amount: 1 }, 400, 'user_id: expected an id'],
  ['a long user', { user_id: 'x'.repeat(257), amount: 1 }, 400, 'user_id: expected an id'],
  ['a user of many bytes', { user_id: 'ä'.repeat(129), amount: 1 }, 400, 'user_id: expected an id'],
  ['a user with a line end', { user_id: 'ann\n', amount: 1 }, 400, 'user_id: expected an id'],
  ['a user as a number', { user_id: 7, amount: 1 }, 400, 'user_id: expected an id'],
  ['a user as null', { user_id: null, amount: 1 }, 400, 'user_id: expected an id'],
  ['a zero amount', { user_id: 'ann', amount: 0 }, 400, 'amount: expected an amount'],
  ['minus zero', '{"user_id":"ann","amount":-0}', 400, 'amount: expected an amount'],
  ['a negative amount', { user_id: 'ann', amount: -1 }, 400, 'amount: expected an amount'],
  ['an amount as a text', { user_id: 'ann', amount: '1' }, 400, 'amount: expected an amount'],
  ['an amount as an array', { user_id: 'ann', amount: [1] }, 400, 'amount: expected an amount'],
  ['an amount as true', { user_id: 'ann', amount: true }, 400, 'amount: expected an amount'],
  ['an amount as an object', { user_id: 'ann', amount: {} }, 400, 'amount: expected an amount'],
  ['seven decimals', { user_id: 'ann', amount: 1.0000001 }, 400, 'amount: expected an amount'],
  ['a dust amount', { user_id: 'ann', amount: 1e-7 }, 400, 'amount: expected an amount'],
  ['too much', { user_id: 'ann', amount: 1_000_000_000.01 }, 400, 'amount: expected an amount'],
  ['far too much', { user_id: 'ann', amount: 1e300 }, 400, 'amount: expected an amount'],
  ['infinity', '{"user_id":"ann","amount":1e999}', 400, 'amount: expected an amount'],
  ['NaN', '{"user_id":"ann","amount":NaN}', 400, 'not valid JSON'],
  ['a zero maximum', { user_id: 'ann', max_amount: 0 }, 400, 'max_amount: expected an amount'],
  ['a maximum as text', { user_id: 'ann', max_amount: '5' }, 400, 'max_amount: expected'],
  ['a fine maximum', { user_id: 'ann', max_amount: 0.1234567 }, 400, 'max_amount: expected'],
  ['too high a maximum', { user_id: 'ann', max_amount: 2e9 }, 400, 'max_amount: expected'],
  ['buy now as text', { user_id: 'ann', amount: 1, buy_now: 'yes' }, 400, 'buy_now: expected'],
  ['buy now as a number', { user_id: 'ann', amount: 1, buy_now: 1 }, 400, 'buy_now: expected'],
  ['a huge body', HUGE, 413, '16384 bytes'],
];

const item = (fields: object) => ({ id: 'bad', ...fields });
const soft = (fields: object) =>
  item({
    ends_at: '2027-01-01T00:00:00Z',
    soft_close: { window_seconds: 1, extend_seconds: 1, ...fields },
  });
const ladder = (steps: unknown) => item({ increment: { type: 'ladder', steps } });

const BAD_ITEMS: readonly Case[] = [
  ['no id', {}, 400, 'id: expected'],
  ['a bad id', { id: 'a b' }, 400, 'id: expected'],
  ['an empty name', item({ name: '' }), 400, 'name: expected'],
  ['a long name', item({ name: 'x'.repeat(201) }), 400, 'name: expected'],
  ['a free start', item({ start_price: 0 }), 400, 'start_price: expected'],
  ['a fine start', item({ start_price: 0.0000015 }), 400, 'start_price must be'],
  ['a text for a reserve', item({ reserve_price: '5' }), 400, 'reserve_price: expected'],
  ['a cheap buy now', item({ start_price: 9, buy_now_price: 5 }), 400, 'buy_now_price must not'],
  ['proxy as a text', item({ proxy: 'no' }), 400, 'proxy: expected'],
  ['masks as a number', item({ mask_bidders: 1 }), 400, 'mask_bidders: expected'],
  ['an unknown increment', item({ increment: { type: 'any' } }), 400, 'increment: expected'],
  ['an empty increment', item({ increment: { type: 'fixed' } }), 400, 'increment: expected'],
  ['no steps', ladder([]), 400, 'increment: expected'],
  ['too many steps', ladder(Array(101).fill({ below: 1, increment: 1 })), 400, 'increment: exp'],
  ['an end in the ladder', ladder([{ below: 5, increment: 1 }]), 400, 'steps[0].below must be'],
  [
    'a falling ladder',
    ladder([
      { below: 5, increment: 2 },
      { below: null, increment: 1 },
    ]),
    400,
    'increment.steps[1].increment must not be below the one before',
  ],
  [
    'a fine percentage',
    item({ increment: { type: 'percent', percent: 1.005, least: 1 } }),
    400,
    'increment.percent must have at most 2 decimals',
  ],
  ['a time without a zone', item({ ends_at: '2027-01-01T00:00:00' }), 400, 'ends_at: expected'],
  ['a day alone', item({ ends_at: '2027-01-01' }), 400, 'ends_at: expected'],
  ['a time as a number', item({ ends_at: 1_800_000_000 }), 400, 'ends_at: expected'],
  ['a thirteenth month', item({ ends_at: '2027-13-01T00:00:00Z' }), 400, 'ends_at must be a time'],
  ['the 30th of February', item({ opens_at: '2027-02-30T00:00:00Z' }), 400, 'opens_at must be'],
  ['an hour too many', item({ opens_at: '2027-02-01T25:00:00Z' }), 400, 'opens_at must be'],
  ['an end in the past', item({ ends_at: '2025-01-01T00:00:00Z' }), 400, 'in the future'],
  ['no window', soft({ window_seconds: 0 }), 400, 'soft_close: expected'],
  ['half a second', soft({ extend_seconds: 0.5 }), 400, 'soft_close: expected'],
  ['a week of window', soft({ window_seconds: 604_800 }), 400, '1 to 86400 whole seconds'],
  ['an early absolute end', soft({ absolute_end: '2026-06-01T00:00:00Z' }), 400, 'before ends_at'],
  [
    'a soft close without an end',
    item({ soft_close: { window_seconds: 1, extend_seconds: 1 } }),
    400,
    'soft_close needs ends_at',
  ],
  ['a huge body', HUGE, 413, '16384 bytes'],
];

const BAD_QUERIES = [
  '/api/v1/items?status=open',
  '/api/v1/items?status=',
  '/api/v1/items?after=a%20b',
  '/api/v1/items?after=',
  '/api/v1/items?limit=0',
  '/api/v1/items?limit=501',
  '/api/v1/items?limit=ten',
  '/api/v1/items?limit=-1',
  '/api/v1/items?limit=1.5',
  '/api/v1/items/lamp/bids?after_seq=-1',
  '/api/v1/items/lamp/bids?after_seq=x',
  '/api/v1/items/lamp/bids?after_seq=1e3',
  '/api/v1/items/lamp/bids?limit=1001',
  '/api/v1/items/lamp/bids?epoch=%00',
  '/api/v1/items/a%20b',
  '/api/v1/items/a%2Fb',
  '/api/v1/items/%ff',
  `/api/v1/items/${TOO_LONG}`,
  '/api/v1/items/a%27b/bids',
];

describe('a bad bid is refused and told what is allowed', () => {
  for (const [what, body, status, message] of BAD_BIDS) {
    test(what, async () => {
      const reply = await server.post(BID, body);
      expect(reply.status).toBe(status);
      expect<object>(reply.body).toEqual({
        error: expect.any(String),
        message: expect.any(String),
      });
      expect(reply.body.message).toContain(message);
    });
  }

  test('a body that is not declared as JSON', async () => {
    const reply = await server.post(BID, '{}', { 'content-type': 'text/plain' });
    expect(reply).toMatchObject({ status: 415, body: { error: 'unsupported_media_type' } });
  });

  for (const key of ['', 'a b', TOO_LONG, '"half quoted']) {
    test(`the idempotency key "${key.slice(0, 9)}"`, async () => {
      const bid = { user_id: 'ann', amount: 1 };
      const reply = await server.post(BID, bid, { 'idempotency-key': key });
      expect(reply.status).toBe(400);
      expect(reply.body.message).toContain('Idempotency-Key: expected a key');
    });
  }
});

describe('a bad item is refused and told what is allowed', () => {
  for (const [what, body, status, message] of BAD_ITEMS) {
    test(what, async () => {
      const reply = await server.post('/api/v1/items', body, ADMIN);
      expect(reply.status).toBe(status);
      expect(reply.body.message).toContain(message);
      expect(server.store.items.has('bad')).toBe(false);
    });
  }
});

for (const path of BAD_QUERIES) {
  test(`GET ${path.slice(0, 50)} is 400`, async () => {
    const reply = await server.get(path);
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
}

test('a retraction needs the id of a bid', async () => {
  for (const body of [{}, { bid_id: 7 }, { bid_id: 'a b' }]) {
    const reply = await server.post('/api/v1/items/lamp/retract', body, ADMIN);
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  }
});

test('unknown fields are ignored, and prototypes are not touched', async () => {
  const bid = '{"user_id":"ann","amount":5,"__proto__":{"buy_now":true},"is_admin":true}';
  expect((await server.post(BID, bid)).status).toBe(200);
  const { status } = await server.post('/api/v1/items', { id: 'extra', colour: 'red' }, ADMIN);
  expect(status).toBe(201);
});

const FIELDS = ['user_id', 'amount', 'max_amount', 'buy_now', 'id', 'increment', 'soft_close'];
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(fc.jsonValue(), fc.double(), fc.integer())),
);

test('no body makes the server fail', async () => {
  const check = fc.asyncProperty(hostile, async (body) => {
    const replies = [
      await server.post(BID, JSON.stringify(body)),
      await server.post('/api/v1/items', JSON.stringify(body), ADMIN),
      await server.post('/api/v1/items/lamp/retract', JSON.stringify(body), ADMIN),
    ];
    for (const { status } of replies) expect(status).toBeLessThan(500);
  });
  await fc.assert(check, { numRuns: 150 });
});
