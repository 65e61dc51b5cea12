/** The exchange as seeds 000 to 003 describe it, walked from outside on a real server. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  type AuctionBody,
  BATCH_EXAMPLE,
  type BatchBody,
  type BidBody,
  bid,
  bidBatch,
  get,
  type Reply,
  type StatBody,
  sum,
  type TotalsBody,
} from '../support/exchange-client.ts';
import {
  loadCatalog,
  openFolder,
  openServer,
  runGavel,
  type TestServer,
} from '../support/server.ts';

const OPEN = { RATE_LIMIT_MAX_REQUESTS: '0' };
const STATE_OF_ANSWER: Readonly<Record<string, readonly string[]>> = {
  bid: ['won', 'lost', 'rejected'],
  'no-bid': ['no-bid'],
  timeout: ['timeout'],
};

/** Three supplies with bidders for every country. */
const WORLDWIDE = {
  supplies: Object.fromEntries(
    ['supply1', 'supply2', 'supply3'].map((id) => [id, ['bidder1', 'bidder3', 'bidder4']]),
  ),
  bidders: { bidder1: {}, bidder3: {}, bidder4: {} },
};

let server: TestServer;

beforeAll(async () => {
  server = await openServer(OPEN);
});
afterAll(() => server[Symbol.asyncDispose]());

const stat = async (at = server) => (await get<StatBody>(`${at.url}/stat`)).body;
const totals = async (at = server) => (await get<TotalsBody>(`${at.url}/api/v1/stat`)).body;
const explain = (id: string) => get<AuctionBody>(`${server.url}/api/v1/auctions/${id}`);

function expectBid({ status, headers, body }: Reply<BidBody>): void {
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/json');
  expect(Object.keys(body)).toEqual(['winner', 'price', 'auction_id']);
  if (body.winner === null) expect(body.price).toBeNull();
  else expect(body.price).toBeWithin(0.01, 1.01);
}

describe('GET /supplies', () => {
  test('lists the sample catalogue of a first start', async () => {
    const { status, body } = await get(`${server.url}/supplies`);
    expect(status).toBe(200);
    expect(body).toEqual(Array.from({ length: 10 }, (_, index) => ({ id: `supply${index + 1}` })));
  });
});

describe('POST /bid', () => {
  test('holds the auction of seed 003', async () => {
    const ip = '192.168.1.100';
    expectBid(await bid(server.url, { supply_id: 'supply1', ip, country: 'US', tmax: 200 }));
  });

  test('takes the country of the X-Country header, as seed 002 does', async () => {
    const reply = await bid(server.url, { supply_id: 'supply1' }, { 'X-Country': 'us' });
    expectBid(reply);
    const report = await explain(reply.body.auction_id);
    expect(report.body.impressions[0]?.country).toBe('US');
  });

  test('prefers the country of the body to the header', async () => {
    const body = { supply_id: 'supply1', country: 'US' };
    const reply = await bid(server.url, body, { 'X-Country': 'GB' });
    expect((await explain(reply.body.auction_id)).body.impressions[0]?.country).toBe('US');
  });

  test.each([
    ['UK', 'GB'],
    ['uk', 'GB'],
    ['T1', null],
    ['a1', null],
    ['XX', null],
    ['', null],
  ])('reads X-Country "%s" as %p', async (header, country) => {
    const reply = await bidBatch(server.url, BATCH_EXAMPLE, { 'X-Country': header });
    const report = await explain(reply.body.auction_id);
    expect(report.body.impressions[0]?.country).toBe(country);
  });

  test('asks the header where the body does not know the country', async () => {
    const body = { supply_id: 'supply1', country: 'XX' };
    const reply = await bid(server.url, body, { 'X-Country': 'US' });
    expect((await explain(reply.body.auction_id)).body.impressions[0]?.country).toBe('US');
  });

  test('names the place of a country that is none', async () => {
    const post = (body: object, headers: Record<string, string>) =>
      fetch(`${server.url}/bid`, {
        method: 'POST',
        body: JSON.stringify({ supply_id: 'supply1', ...body }),
        headers: { 'content-type': 'application/json', ...headers },
      }).then((reply) => reply.json());
    expect(await post({ country: 'ZZ' }, {})).toMatchObject({
      error: 'invalid_request',
      message: expect.stringMatching(/^country: expected a country as two letters/),
    });
    expect(await post({}, { 'x-country': 'ZZ' })).toMatchObject({
      error: 'invalid_request',
      message: expect.stringMatching(/^X-Country: expected a country as two letters/),
    });
  });

  test('ignores fields that it does not know', async () => {
    const body = { supply_id: 'supply1', country: 'US', price: 0.5, nested: { deep: [1, {}] } };
    expectBid(await bid(server.url, body));
  });

  test('gives winner and price null when nobody bids', async () => {
    const replies = [];
    for (let held = 0; held < 300 && replies.length === 0; held++) {
      const { body } = await bid(server.url, { supply_id: 'supply1', country: 'US' });
      if (body.winner === null) replies.push(body);
    }
    expect(replies).toEqual([{ winner: null, price: null, auction_id: expect.any(String) }]);
  });
});

describe('POST /api/v1/bid', () => {
  test('answers the example of seed 000 in its shape', async () => {
    const { status, body } = await bidBatch(server.url);
    expect(status).toBe(200);
    const shape = ['auction_id', 'winning_bids', 'total_revenue', 'timestamp'];
    expect(Object.keys(body).filter((key) => key !== 'unsold')).toEqual(shape);
    expect(body.unsold === undefined).toBe(body.winning_bids.length === 1);
    expect(Date.now() - Date.parse(body.timestamp)).toBeWithin(-1000, 60_000);
    for (const won of body.winning_bids) {
      expect(won).toEqual({ bidder_id: 1, supply_id: 1, amount: expect.any(Number) });
      expect(won.amount).toBeWithin(100, 200.01);
    }
    expect(body.total_revenue).toBe(sum(body.winning_bids.map(({ amount }) => amount)));
  });

  test('echoes ids as they came, numbers as numbers and texts as texts', async () => {
    const ids = [7, '8', 'nine', '007', '__proto__', 'constructor'];
    const supplies = ids.map((id) => ({ id, floor_price: 0 }));
    const bidders = ids.map((id) => ({ id, bid_floor: 1 }));
    const seen = new Set<string | number>();
    for (let held = 0; held < 30; held++) {
      const { status, body } = await bidBatch(server.url, { bidders, supplies });
      expect(status).toBe(200);
      for (const { bidder_id, supply_id } of body.winning_bids) seen.add(bidder_id).add(supply_id);
    }
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  test('sells a supply at most once, from the bid floor to twice it, never under its floor', async () => {
    const bidders = [10, 20, 30].map((bid_floor) => ({ id: `b${bid_floor}`, bid_floor }));
    const supplies = [0, 25, 50, 100].map((floor_price) => ({
      id: `s${floor_price}`,
      floor_price,
    }));
    for (let held = 0; held < 50; held++) {
      const { body } = await bidBatch(server.url, { bidders, supplies });
      const sold = body.winning_bids.map(({ supply_id }) => supply_id);
      expect(new Set(sold).size).toBe(sold.length);
      expect(sold).not.toContain('s100');
      for (const { bidder_id, supply_id, amount } of body.winning_bids) {
        const floor = Number(String(bidder_id).slice(1));
        expect(amount).toBeWithin(floor, 2 * floor + 0.01);
        expect(amount).toBeGreaterThanOrEqual(Number(String(supply_id).slice(1)));
      }
    }
  });
});

type Answers = { readonly singles: BidBody[]; readonly batches: BatchBody[] };

/** 20 clients at once, each with its own run of both kinds of auction. */
async function bidAsTwentyClients({ url }: TestServer): Promise<Answers> {
  const singles: BidBody[] = [];
  const batches: BatchBody[] = [];
  const client = async (_: unknown, index: number) => {
    const supply_id = `supply${1 + (index % 3)}`;
    for (let round = 0; round < 10; round++) {
      singles.push((await bid(url, { supply_id, country: index % 2 ? 'US' : 'GB' })).body);
      const supplies = [
        { id: supply_id, floor_price: 0.5 },
        { id: 9, floor_price: 1 },
      ];
      const bidders = [
        { id: 'bidder1', bid_floor: 1 },
        { id: 2, bid_floor: 1.25 },
      ];
      batches.push((await bidBatch(url, { bidders, supplies })).body);
    }
  };
  await Promise.all(Array.from({ length: 20 }, client));
  return { singles, batches };
}

describe('the statistics', () => {
  test('agree exactly with what 20 clients were answered, in both views', async () => {
    await using folder = await openFolder();
    await loadCatalog(folder.path, WORLDWIDE);
    await using fresh = await openServer(OPEN, folder.path);
    const { singles, batches } = await bidAsTwentyClients(fresh);
    const prices = singles.flatMap(({ price }) => price ?? []);
    const revenue = sum([...prices, ...batches.map(({ total_revenue }) => total_revenue)]);
    const wins = prices.length + batches.flatMap(({ winning_bids }) => winning_bids).length;
    const [supplies, all] = [await stat(fresh), await totals(fresh)];
    const bidders = Object.values(supplies).flatMap((one) => Object.values(one.bidders));

    expect(all).toMatchObject({ total_auctions: 400, total_revenue: revenue });
    expect(Object.keys(supplies).sort()).toEqual(['9', 'supply1', 'supply2', 'supply3']);
    expect(sum(Object.values(supplies).map(({ total_reqs }) => total_reqs))).toBe(200 + 2 * 200);
    expect(sum(bidders.map(({ total_revenue }) => total_revenue))).toBe(revenue);
    expect(sum(bidders.map((one) => one.wins))).toBe(wins);
    const supply1 = supplies['supply1'];
    expect(supply1?.total_reqs).toBe(2 * 70);
    expect(supply1?.reqs_per_country).toEqual({ GB: 40, US: 30, unknown: 70 });
  });

  test('rank bidders by spending and supplies by revenue, at most ten of each', async () => {
    await using fresh = await openServer(OPEN);
    const ids = Array.from({ length: 15 }, (_, index) => index + 1);
    const bidders = ids.map((id) => ({ id, bid_floor: id }));
    const answers: BatchBody[] = [];
    for (const id of ids) {
      const supplies = [{ id, floor_price: 0 }];
      answers.push((await bidBatch(fresh.url, { bidders, supplies })).body);
    }
    const { top_bidders, top_supplies } = await totals(fresh);
    const won = answers.flatMap(({ winning_bids }) => winning_bids);
    const bySupply = won.map(({ supply_id, amount }) => ({ supply_id, total_revenue: amount }));
    // Equal sums stand in the order of their ids, as texts.
    bySupply.sort(
      (left, right) =>
        right.total_revenue - left.total_revenue ||
        (String(left.supply_id) < String(right.supply_id) ? -1 : 1),
    );
    expect(top_supplies).toMatchObject(bySupply.slice(0, 10));
    const spent = top_bidders.map(({ total_spent }) => total_spent);
    expect(spent).toEqual(spent.toSorted((left, right) => right - left));
    for (const { bidder_id, total_spent, auction_count } of top_bidders) {
      const amounts = won.flatMap((one) => (one.bidder_id === bidder_id ? one.amount : []));
      expect({ total_spent, auction_count }).toEqual({
        total_spent: sum(amounts),
        auction_count: amounts.length,
      });
    }
  });

  test('can be read one supply or one page at a time', async () => {
    for (const supply_id of ['supply1', 'supply2', 'supply3']) {
      await bid(server.url, { supply_id, country: 'US' });
    }
    const read = async (query: string) => (await get<StatBody>(`${server.url}/stat?${query}`)).body;
    const whole = await stat();
    const ids = Object.keys(whole).filter((id) => Number.isNaN(Number(id)));
    expect(await read('supply_id=supply2')).toEqual({ supply2: whole['supply2'] } as StatBody);
    expect(await read('supply_id=nobody')).toEqual({});
    expect(Object.keys(await read('limit=1'))).toEqual(ids.slice(0, 1));
    expect(await read('offset=100000')).toEqual({});
  });

  test('count no auction that was not held', async () => {
    const before = await totals();
    await bid(server.url, { supply_id: 'nobody' });
    await bid(server.url, { supply_id: 'supply1', country: 'XX' });
    await bidBatch(server.url, { ...BATCH_EXAMPLE, bidders: [] });
    expect(await totals()).toEqual(before);
  });
});

describe('GET /api/v1/auctions/{id}', () => {
  test('gives every bidder one end, and one winner at most', async () => {
    for (let held = 0; held < 40; held++) {
      const { body } = await bid(server.url, { supply_id: 'supply3', country: 'US' });
      const report = (await explain(body.auction_id)).body;
      expect(report).toMatchObject({ auction_id: body.auction_id, kind: 'supply' });
      const [only] = report.impressions;
      expect(report.impressions).toHaveLength(1);
      expect(only).toMatchObject({ supply_id: 'supply3', winner: body.winner, price: body.price });
      const bidders = only?.bidders ?? [];
      expect(new Set(bidders.map(({ bidder_id }) => bidder_id)).size).toBe(bidders.length);
      for (const { answer, state } of bidders) expect(STATE_OF_ANSWER[answer]).toContain(state);
      const won = bidders.filter(({ state }) => state === 'won');
      expect(won.map(({ bidder_id }) => bidder_id)).toEqual(
        body.winner === null ? [] : [body.winner],
      );
      const best = Math.max(0, ...bidders.flatMap(({ price }) => price ?? []));
      expect(body.price ?? 0).toBe(best);
    }
  });

  test('explains every impression of a batch, and its prices make the revenue', async () => {
    const bidders = [1, 2, 3].map((id) => ({ id, bid_floor: 1 }));
    const supplies = ['a', 'b'].map((id) => ({ id, floor_price: 1.5 }));
    const { body } = await bidBatch(server.url, { bidders, supplies }, { 'X-Country': 'FR' });
    const { impressions, kind } = (await explain(body.auction_id)).body;
    expect(kind).toBe('batch');
    expect(impressions.map(({ supply_id, country }) => [supply_id, country])).toEqual([
      ['a', 'FR'],
      ['b', 'FR'],
    ]);
    expect(sum(impressions.map(({ price }) => price ?? 0))).toBe(body.total_revenue);
    for (const { bidders: ends } of impressions) {
      expect(ends.map(({ bidder_id }) => bidder_id)).toEqual(['1', '2', '3']);
      for (const { price, reason } of ends) {
        if (price !== null && price < 1.5) expect(reason).toBe('below_floor');
      }
    }
  });

  test('and `gavel replay` decides it again on the data of the running server', async () => {
    const { body } = await bid(server.url, { supply_id: 'supply2', country: 'US' });
    await explain(body.auction_id);
    const { code, out } = await runGavel(['replay', body.auction_id], server);
    expect(code).toBe(0);
    expect(out).toStartWith(body.auction_id);
    const result = body.winner === null ? 'nobody unsold' : `${body.winner} at ${body.price}`;
    expect(out).toContain(`supply2: ${result}`);
    expect(out).toEndWith('the same result as was kept\n');
  });
});

describe('SEED', () => {
  async function walk(seed: string) {
    await using seeded = await openServer({ ...OPEN, SEED: seed });
    const answers: unknown[] = [];
    for (let round = 0; round < 30; round++) {
      const supply_id = `supply${1 + (round % 10)}`;
      const { winner, price } = (await bid(seeded.url, { supply_id, country: 'US' })).body;
      const { winning_bids } = (await bidBatch(seeded.url)).body;
      answers.push({ winner, price, winning_bids });
    }
    return answers;
  }

  test('makes two servers give the same winners and prices, and another seed others', async () => {
    const [first, second, other] = await Promise.all([walk('42'), walk('42'), walk('43')]);
    expect(second).toEqual(first ?? []);
    expect(other).not.toEqual(first ?? []);
  });
});

describe('health', () => {
  test.each(['/', '/health', '/health/live', '/health/ready'])('%p is healthy', async (path) => {
    const { status, body } = await get<Record<string, string>>(server.url + path);
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'healthy',
      service: 'gavel',
      timestamp: expect.any(String),
      time: body['timestamp'] ?? '',
    });
    expect(Date.now() - Date.parse(body['timestamp'] ?? '')).toBeWithin(-1000, 60_000);
  });
});
