/** A catalogue that is replaced under a running server: whole, soon, and never by a bad file. */
import { describe, expect, test } from 'bun:test';
import { type AuctionBody, type BidBody, bid, get } from '../support/exchange-client.ts';
import { loadCatalog, openFolder, openServer, type TestServer } from '../support/server.ts';

const OPEN = { RATE_LIMIT_MAX_REQUESTS: '0' };
const SEEN_WITHIN_MS = 2000;

/** Supplies `common0..49` and one of the catalogue's own, with bidders that only it has. */
function catalog(name: string) {
  const names = Array.from({ length: 20 }, (_, index) => `${name}-bidder${index}`);
  const common = Array.from({ length: 50 }, (_, index) => [`common${index}`, names] as const);
  return {
    supplies: { ...Object.fromEntries(common), [`${name}-own`]: names },
    bidders: Object.fromEntries(names.map((id) => [id, {}])),
  };
}

async function supplyIds({ url }: TestServer): Promise<string[]> {
  const { body } = await get<{ id: string }[]>(`${url}/supplies`);
  return body.map(({ id }) => id);
}

/** Milliseconds until the server knows a supply, by asking it all the time: it tells nobody. */
async function timeUntilSeen(server: TestServer, supplyId: string): Promise<number> {
  const startedMs = performance.now();
  while (!(await supplyIds(server)).includes(supplyId)) {
    if (performance.now() - startedMs > 2 * SEEN_WITHIN_MS) break;
    await Bun.sleep(10);
  }
  return performance.now() - startedMs;
}

/** Bids on common supplies from several clients until it is told to stop; gives every answer. */
function bidAllTheTime({ url }: TestServer): { stop(): Promise<BidBody[]> } {
  let isOver = false;
  const answers: BidBody[] = [];
  const client = async (index: number) => {
    for (let round = index; !isOver; round++) {
      const { status, body } = await bid(url, { supply_id: `common${round % 50}` });
      expect(status).toBe(200);
      answers.push(body);
    }
  };
  const clients = Array.from({ length: 4 }, (_, index) => client(index));
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
      return answers;
    },
  };
}

async function namesIn({ url }: TestServer, auctionId: string): Promise<string[]> {
  const { body } = await get<AuctionBody>(`${url}/api/v1/auctions/${auctionId}`);
  const [only] = body.impressions;
  return [...new Set(only?.bidders.map(({ bidder_id }) => bidder_id.split('-')[0] ?? ''))];
}

describe('load-data while the server runs', () => {
  test('is seen within 2 s, and no auction under load sees half of it', async () => {
    await using folder = await openFolder();
    await loadCatalog(folder.path, catalog('a'));
    await using server = await openServer(OPEN, folder.path);
    const load = bidAllTheTime(server);
    for (const name of ['b', 'a', 'b']) {
      const { code } = await loadCatalog(folder.path, catalog(name));
      expect(code).toBe(0);
      expect(await timeUntilSeen(server, `${name}-own`)).toBeLessThan(SEEN_WITHIN_MS);
    }
    const answers = await load.stop();
    const step = Math.max(1, Math.floor(answers.length / 400));
    const sample = answers.filter((_, index) => index % step === 0);
    const seen = new Set<string>();
    for (const { auction_id } of sample) {
      const names = await namesIn(server, auction_id);
      expect(names).toHaveLength(1);
      seen.add(names[0] ?? '');
    }
    expect([...seen].sort()).toEqual(['a', 'b']);
    for (const { winner } of answers) expect(winner ?? 'a-').toMatch(/^[ab]-/);
  });

  test('with a bad file is refused with every fault, and the old version stays', async () => {
    await using folder = await openFolder();
    await loadCatalog(folder.path, catalog('a'));
    await using server = await openServer(OPEN, folder.path);
    const bad = {
      supplies: { s: ['nobody'], '': [], t: { bidders: [], floor: -1, auction: 'third-price' } },
      bidders: { b: { country: 'Mars' }, constructor: {} },
    };
    const { code, err } = await loadCatalog(folder.path, bad);
    expect(code).toBe(1);
    for (const place of ['s[0]', '[""]', 't.floor', 't.auction', 'b.country', 'constructor']) {
      expect(err).toContain(place);
    }
    // A good one afterwards shows that the watch has had its chance to see the bad one.
    expect(await supplyIds(server)).toContain('a-own');
    await loadCatalog(folder.path, catalog('b'));
    await timeUntilSeen(server, 'b-own');
    const versions = server.log.flatMap((line) => JSON.parse(line).version ?? []);
    expect(versions).toEqual([2]);
  });
});
