/** What `POST /api/v1/bid` says of supplies that nobody bought. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { BATCH_EXAMPLE, type BatchBody, bidBatch } from '../support/exchange-client.ts';
import { openServer, type TestServer } from '../support/server.ts';

const BIDDERS = [100, 80, 60].map((bid_floor, index) => ({ id: index + 1, bid_floor }));
const TRIES = 100;

let server: TestServer;

beforeAll(async () => {
  server = await openServer({ RATE_LIMIT_MAX_REQUESTS: '100000', SEED: '24' });
});
afterAll(() => server[Symbol.asyncDispose]());

async function held(batch: object): Promise<BatchBody[]> {
  const bodies: BatchBody[] = [];
  for (let tried = 0; tried < TRIES; tried++) {
    bodies.push((await bidBatch(server.url, { ...BATCH_EXAMPLE, ...batch })).body);
  }
  return bodies;
}

test('three bidders over the floor sell it nearly always', async () => {
  const sold = (await held({ bidders: BIDDERS })).filter(({ unsold }) => unsold === undefined);
  expect(sold.length).toBeGreaterThan(0.9 * TRIES);
  for (const { winning_bids } of sold) expect(winning_bids).toHaveLength(1);
});

test('the example of the seed is sold, or says why it was not, and has its shape when it is', async () => {
  const bodies = await held({});
  const sold = bodies.filter(({ winning_bids }) => winning_bids.length === 1);
  expect(sold.length).toBeGreaterThan(0.5 * TRIES);
  for (const body of sold) {
    expect(Object.keys(body)).toEqual(['auction_id', 'winning_bids', 'total_revenue', 'timestamp']);
  }
  const reasons = bodies.flatMap(({ unsold }) => unsold ?? []);
  expect(reasons).toHaveLength(TRIES - sold.length);
  for (const { supply_id, reason } of reasons) {
    expect(supply_id).toBe(1);
    expect(['no_bids', 'all_timed_out']).toContain(reason);
  }
});

test('a floor over every bid is named, by the id as it was written', async () => {
  const supplies = ['dear', 7].map((id) => ({ id, floor_price: 500 }));
  const unsold = (await held({ supplies })).flatMap((body) => body.unsold ?? []);
  expect(unsold).toHaveLength(2 * TRIES);
  expect(unsold).toContainEqual({ supply_id: 'dear', reason: 'below_floor' });
  expect(unsold).toContainEqual({ supply_id: 7, reason: 'below_floor' });
});
