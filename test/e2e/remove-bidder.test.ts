/** An admin takes a bidder out of an item: its bids, its hidden maxima, and for good when asked to. */
import { expect, test } from 'bun:test';
import { ADMIN, startItemsServer } from '../support/items-server.ts';

const ITEM = '/api/v1/items/lamp';

test('a bidder that only raised a hidden maximum is removed by its user id', async () => {
  await using server = startItemsServer();
  await server.post(`${ITEM}/bid`, { user_id: 'ann', amount: 10 });
  await server.post(`${ITEM}/bid`, { user_id: 'eve', amount: 20 });
  await server.post(`${ITEM}/bid`, { user_id: 'eve', max_amount: 900 });
  const removed = await server.post(`${ITEM}/remove-bidder`, { user_id: 'eve' }, ADMIN);
  expect(removed).toMatchObject({
    status: 200,
    body: {
      type: 'retract',
      retracted_bid_id: null,
      removed_user_id: 'eve',
      current_bid: 10,
      highest_bidder_id: 'ann',
      seq: 3,
    },
  });
  expect((await server.get(ITEM)).body).toMatchObject({ current_bid: 10, bid_count: 1, seq: 3 });
  const history = (await server.get(`${ITEM}/bids`)).body.events;
  expect(history.at(-1)).toMatchObject({ removed_user_id: 'eve', seq: 3 });
  const back = await server.post(`${ITEM}/bid`, { user_id: 'eve', amount: 30 });
  expect(back).toMatchObject({ status: 200, body: { is_highest: true } });
});

test('a banned bidder is refused with 409 banned, on this item alone', async () => {
  await using server = startItemsServer();
  await server.post(`${ITEM}/bid`, { user_id: 'ann', amount: 10 });
  const ban = { user_id: 'eve', ban: true };
  expect((await server.post(`${ITEM}/remove-bidder`, ban, ADMIN)).status).toBe(200);
  const refused = await server.post(`${ITEM}/bid`, { user_id: 'eve', amount: 30 });
  expect(refused).toMatchObject({ status: 409, body: { code: 'banned', current_bid: 10 } });
  const other = await server.post('/api/v1/items/vase/bid', { user_id: 'eve', amount: 30 });
  expect(other.status).toBe(200);
});

test('what cannot be removed says why', async () => {
  await using server = startItemsServer();
  const remove = (body: unknown, headers = ADMIN) =>
    server.post(`${ITEM}/remove-bidder`, body, headers);
  const eve = { user_id: 'eve' };
  expect(await remove(eve)).toMatchObject({ status: 404, body: { error: 'item_not_found' } });
  await server.post(`${ITEM}/bid`, { user_id: 'ann', amount: 10 });
  expect(await remove(eve)).toMatchObject({ status: 404, body: { error: 'bidder_not_found' } });
  expect(await remove({})).toMatchObject({ status: 400 });
  expect(await remove({ ...eve, ban: 'yes' })).toMatchObject({ status: 400 });
  expect((await remove(eve, { 'x-admin-key': 'no' })).status).toBe(401);
  await server.post(`${ITEM}/close`, '', ADMIN);
  expect(await remove(eve)).toMatchObject({ status: 409, body: { error: 'item_ended' } });
});
