/** A key in quotes is the same key, and a user has a bounded number of them on an item. */
import { expect, test } from 'bun:test';
import { IDEMPOTENCY_KEYS } from '../../src/live/port/item-book.ts';
import { startItemsServer } from '../support/items-server.ts';

const BID = '/api/v1/items/lamp/bid';

test('a key in quotes and the same without are one', async () => {
  await using server = startItemsServer();
  const send = (key: string, amount: number) =>
    server.post(BID, { user_id: 'ann', amount }, { 'idempotency-key': key });
  const first = await send('"abc"', 10);
  expect(first.status).toBe(200);
  expect((await send('abc', 10)).body).toEqual(first.body);
  expect(await send('abc', 20)).toMatchObject({ status: 422 });
  for (const odd of ['"abc', 'abc"', '""', '"a"b"']) expect((await send(odd, 30)).status).toBe(400);
});

test('one key too many is 429 and decides nothing; without a key one bids on', async () => {
  await using server = startItemsServer();
  const send = (key: string) =>
    server.post(BID, { user_id: 'ann', amount: 10 }, { 'idempotency-key': key });
  await server.post(BID, { user_id: 'ben', amount: 100 });
  const answers = server.store.items.get('lamp')?.answers;
  const kept = { parameters: '', answer: { kind: 'unknown-item' } } as const;
  for (let number = 0; number < IDEMPOTENCY_KEYS; number += 1) {
    answers?.set(JSON.stringify(['ann', `k${number}`]), kept);
  }
  const { status, body } = await send('another');
  expect({ status, error: body.error }).toEqual({
    status: 429,
    error: 'too_many_idempotency_keys',
  });
  expect((await server.post(BID, { user_id: 'ann', amount: 200 })).status).toBe(200);
});
