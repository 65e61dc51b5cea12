/** A number that JSON.parse would round is refused, and the answer names its field. */
import { expect, test } from 'bun:test';
import { parseCatalogFile } from '../../src/exchange/catalog-file.ts';
import { BATCH_EXAMPLE } from '../support/exchange-client.ts';
import { ADMIN, startItemsServer } from '../support/items-server.ts';
import { openServer } from '../support/server.ts';

const WRITTEN = ['999999.99999999999', '100.00000000000000000001', '1e400', '0.1234567', '1e-400'];

function send(url: string, body: string, headers: Record<string, string> = {}) {
  const init = {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  };
  return fetch(url, init);
}

test('a bid, a maximum and a start price are taken as written or not at all', async () => {
  await using server = startItemsServer();
  const item = `${server.url}/api/v1/items/lamp/bid`;
  for (const amount of WRITTEN) {
    for (const field of ['amount', 'max_amount']) {
      const reply = await send(item, `{"user_id":"ann","${field}":${amount}}`);
      expect(reply.status).toBe(400);
      expect((await reply.json()) as object).toMatchObject({
        message: expect.stringContaining(`${field}: expected an amount`),
      });
    }
    const opened = await send(
      `${server.url}/api/v1/items`,
      `{"id":"vase","start_price":${amount}}`,
      ADMIN,
    );
    expect(opened.status).toBe(400);
  }
  const spelt = await send(
    item,
    '{"user_id":"ann","amount":1.500e2,"note":0.12345678901234567890}',
  );
  expect(spelt.status).toBe(200);
  expect((await spelt.json()) as object).toMatchObject({ current_bid: 150 });
});

test('a price of the exchange and of the data file too', async () => {
  await using server = await openServer();
  for (const written of ['0.099999999999999999999', '0.1234567']) {
    const body = JSON.stringify(BATCH_EXAMPLE).replace(':50', `:${written}`);
    const reply = await send(`${server.url}/api/v1/bid`, body);
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain('supplies.0.floor_price: expected an amount');
    const file = `{"supplies":{"s":{"bidders":[],"floor":${written}}},"bidders":{}}`;
    expect(parseCatalogFile(file)).toMatchObject({
      ok: false,
      faults: { listed: [expect.stringContaining('supplies.s.floor')] },
    });
  }
});
