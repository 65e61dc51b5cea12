/** Items have a currency and prices up to a thousand million, exact to its minor unit. */
import { expect, test } from 'bun:test';
import { DOLLAR, findCurrency } from '../../src/live/rule/currency.ts';
import { ADMIN, startItemsServer } from '../support/items-server.ts';

const VASE = '/api/v1/items/vase';

test('yen are rounded up to whole ones, and answers, list and history name them', async () => {
  await using server = startItemsServer();
  const increment = { type: 'percent', percent: 5, least: 1 };
  const definition = { id: 'vase', currency: 'JPY', start_price: 1001, increment };
  const created = await server.post('/api/v1/items', definition, ADMIN);
  expect(created).toMatchObject({ status: 201, body: { currency: 'JPY' } });
  const bid = await server.post(`${VASE}/bid`, { user_id: 'ann', amount: 1001 });
  expect(bid.body).toMatchObject({ currency: 'JPY', minimum_next_bid: 1052 });
  const low = await server.post(`${VASE}/bid`, { user_id: 'ben', amount: 1051 });
  expect(low).toMatchObject({ status: 409, body: { currency: 'JPY' } });
  for (const amounts of [{ amount: 1052.5 }, { max_amount: 1052.01 }]) {
    const { status, body } = await server.post(`${VASE}/bid`, { user_id: 'ben', ...amounts });
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
    expect(body.message).toContain('at most 0 decimals in JPY');
  }
  expect((await server.get(VASE)).body).toMatchObject({ currency: 'JPY', minimum_next_bid: 1052 });
  expect((await server.get('/api/v1/items')).body.items[0]).toMatchObject({ currency: 'JPY' });
  expect((await server.get(`${VASE}/bids`)).body.events[0]).toMatchObject({ currency: 'JPY' });
  const closed = await server.post(`${VASE}/close`, '', ADMIN);
  expect(closed.body).toMatchObject({ type: 'close', currency: 'JPY' });
});

test('an item that names no currency has that of the setting, on first sight too', async () => {
  await using server = startItemsServer({ currency: findCurrency('KWD') ?? DOLLAR });
  const created = await server.post('/api/v1/items', { id: 'vase' }, ADMIN);
  expect(created.body).toMatchObject({ currency: 'KWD', start_price: 0.001 });
  const bid = await server.post('/api/v1/items/new/bid', { user_id: 'ann', amount: 0.005 });
  expect(bid.body).toMatchObject({ currency: 'KWD', minimum_next_bid: 0.006 });
});

test('a definition finer than its currency, or in none, is refused by its field', async () => {
  await using server = startItemsServer();
  for (const [fields, message] of [
    [{ currency: 'JPY', start_price: 1.5 }, 'start_price must have at most 0 decimals in JPY'],
    [{ reserve_price: 0.001 }, 'reserve_price must have at most 2 decimals in USD'],
    [{ currency: 'ABC' }, 'currency: ABC is no code of ISO 4217'],
    [{ currency: 'usd' }, 'currency: expected a currency code of ISO 4217'],
  ] as const) {
    const { status, body } = await server.post('/api/v1/items', { id: 'vase', ...fields }, ADMIN);
    expect(status).toBe(400);
    expect(body.message).toContain(message);
  }
});

test('a price may be a thousand million, exact to the cent, and not more', async () => {
  await using server = startItemsServer();
  const bid = (amount: number) => server.post(`${VASE}/bid`, { user_id: 'ann', amount });
  expect((await bid(999_999_999.99)).body).toMatchObject({
    current_bid: 999_999_999.99,
    minimum_next_bid: 1_000_000_000,
  });
  expect((await bid(1_000_000_000)).body).toMatchObject({ minimum_next_bid: null });
  expect((await bid(1_000_000_000.01)).status).toBe(400);
});
