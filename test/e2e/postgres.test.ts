import { afterAll, beforeAll, expect, test } from 'bun:test';
import { SQL } from 'bun';
import { openPostgres, type PostgresPrimary } from '../../deploy/local/postgres.ts';
import { until } from '../../deploy/local/until.ts';
import { replay } from '../../src/exchange/rule/decide.ts';
import { bidOf, eventOf, impOf, resultOf } from '../support/auction.ts';
import { bid, type ErrorBody, get, post, type TotalsBody } from '../support/exchange-client.ts';
import { openArchives, SERVERS_START_MS } from '../support/postgres-store.ts';
import { openFolder, openServer, runGavel, type TestServer } from '../support/server.ts';

const TEST_MS = 30_000;
const opened = new AsyncDisposableStack();
let postgres: PostgresPrimary;
let settings: Record<string, string>;
let server: TestServer;

beforeAll(async () => {
  postgres = opened.use(await openPostgres());
  settings = { POSTGRES_URL: postgres.url, RATE_LIMIT_MAX_REQUESTS: '0' };
  server = opened.use(await openServer(settings));
}, SERVERS_START_MS);
afterAll(() => opened.disposeAsync(), SERVERS_START_MS);

async function historyOf(item: string): Promise<number[]> {
  const { body } = await get<{ events: { seq: number }[] }>(
    `${server.url}/api/v1/items/${item}/bids`,
  );
  return body.events.map(({ seq }) => seq);
}

const auction = eventOf('auc_elsewhere', resultOf(impOf(), bidOf('bidder1', 0.83)));

async function archiveAuction(): Promise<void> {
  await using archives = openArchives(postgres.url);
  await archives.auctions.append([auction]);
}

test(
  'nodes with folders of their own share a catalogue, also one that a command loads',
  async () => {
    await using other = await openServer(settings);
    await using folder = await openFolder();
    const input = `${folder.path}/shared.json`;
    const options = { dataDir: folder.path, settings };
    const made = await runGavel(
      ['generate-input-json', '-o', input, '-s', '3', '-b', '4'],
      options,
    );
    expect(made).toMatchObject({ code: 0 });
    expect(await runGavel(['load-data', '-i', input], options)).toMatchObject({ code: 0 });
    for (const { url } of [server, other]) {
      await until('the catalogue is seen', async () => {
        const { body } = await get<unknown[]>(`${url}/supplies`);
        return body.length === 3;
      });
    }
  },
  TEST_MS,
);

test(
  'the history of migrations is one, with the archives in it',
  async () => {
    await using folder = await openFolder();
    const { out } = await runGavel(['migrate', 'history'], { dataDir: folder.path, settings });
    expect(out).toMatch(
      /-catalog +applied.*\n.*-item-archive +applied.*\n.*-auction-archive +applied/,
    );
  },
  TEST_MS,
);

test(
  'an auction that the spool has not is found in the archive, shown and decided again',
  async () => {
    await archiveAuction();
    expect(replay(auction)).toEqual([...auction.results]);
    const shown = await get<{ auction_id: string }>(`${server.url}/api/v1/auctions/auc_elsewhere`);
    expect(shown.body.auction_id).toBe('auc_elsewhere');
    await using folder = await openFolder();
    const options = { dataDir: folder.path, settings };
    const { code, out } = await runGavel(['replay', 'auc_elsewhere'], options);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('the same result'),
    });
    expect((await runGavel(['replay', 'auc_nowhere'], options)).code).not.toBe(0);
  },
  TEST_MS,
);

test(
  'totals of the archive are asked for by name; the live counters stay the default',
  async () => {
    await archiveAuction();
    const archived = await get<TotalsBody>(`${server.url}/api/v1/stat?source=archive`);
    expect(archived.body).toMatchObject({ total_auctions: 1, total_revenue: 0.83 });
    expect(archived.body.top_bidders).toEqual([
      { bidder_id: 'bidder1', total_spent: 0.83, auction_count: 1 },
    ]);
    const live = await get<TotalsBody>(`${server.url}/api/v1/stat`);
    const named = await get<TotalsBody>(`${server.url}/api/v1/stat?source=live`);
    expect(live.body.total_auctions).toBe(0);
    expect(named.body).toEqual(live.body);
  },
  TEST_MS,
);

test(
  'a node without NATS archives its auctions itself',
  async () => {
    const archived = async () =>
      (await get<TotalsBody>(`${server.url}/api/v1/stat?source=archive`)).body.total_auctions;
    const before = await archived();
    const { body: supplies } = await get<{ id: string }[]>(`${server.url}/supplies`);
    for (const { id } of supplies) await bid(server.url, { supply_id: id, country: 'US' });
    const all = before + supplies.length;
    await until('they are archived', async () => (await archived()) === all);
  },
  TEST_MS,
);

test.each([
  ['item_event', 'archive'],
  ['auction', 'auctions'],
])(
  'a table of the archive that is gone is told: %s',
  async (table, part) => {
    const health = async () => (await get<{ degraded?: string[] }>(`${server.url}/health`)).body;
    await using database = new SQL(postgres.url);
    await database.unsafe(`alter table ${table} rename to away`);
    await until('health names it', async () => (await health()).degraded?.includes(part) === true);
    await database.unsafe(`alter table away rename to ${table}`);
    await until('all is well', async () => (await health()).degraded === undefined);
  },
  TEST_MS,
);

test(
  'a hole in the archive is named by the history and paged over',
  async () => {
    const item = `${server.url}/api/v1/items/vase`;
    for (const amount of [1, 2, 3, 4]) {
      await post(`${item}/bid`, { user_id: `user${amount}`, amount });
    }
    await until('the bids are archived', async () => (await historyOf('vase')).length === 4);
    await using database = new SQL(postgres.url);
    await database`delete from item_event where item_id = 'vase' and seq in (2, 3)`;
    expect((await get(`${item}/bids`)).body).toMatchObject({
      events: [{ seq: 1 }, { seq: 4 }],
      missing: [2, 3],
      next_after_seq: null,
    });
    expect((await get(`${item}/bids?after_seq=1&limit=2`)).body).toEqual({
      events: [],
      missing: [2, 3],
      next_after_seq: 3,
    });
  },
  TEST_MS,
);

test(
  'without PostgreSQL only what reads the archive says so, and the history comes back whole',
  async () => {
    const item = `${server.url}/api/v1/items/lamp`;
    const place = (amount: number) => post(`${item}/bid`, { user_id: 'ann', amount });
    expect((await place(1)).status).toBe(200);
    await until('the bid is archived', async () => (await historyOf('lamp')).length === 1);
    postgres.kill('SIGKILL');
    // The server's processes for open connections outlive it by an answer or two.
    await until('PostgreSQL is missed', async () => {
      return (await get(`${item}/bids`)).status !== 200;
    });
    for (const path of ['/api/v1/items/lamp/bids', '/api/v1/stat?source=archive']) {
      const { status, body, headers } = await get<ErrorBody>(`${server.url}${path}`);
      expect({ status, error: body.error }).toEqual({ status: 503, error: 'archive_unavailable' });
      expect(headers.get('retry-after')).toBe('1');
    }
    expect((await place(2)).status).toBe(200);
    const { body: supplies } = await get<{ id: string }[]>(`${server.url}/supplies`);
    const auctions = supplies.map(({ id }) => bid(server.url, { supply_id: id, country: 'US' }));
    expect((await Promise.all(auctions)).map(({ status }) => status)).not.toContain(503);
    expect((await get(`${server.url}/api/v1/stat`)).status).toBe(200);
    const health = async () => (await get<{ degraded?: string[] }>(`${server.url}/health`)).body;
    await until('health tells it', async () => {
      const { degraded = [] } = await health();
      return degraded.includes('postgres') && degraded.includes('auctions');
    });
    await postgres.restart();
    await until('all is well', async () => (await health()).degraded === undefined);
    await until('the history is whole', async () => (await historyOf('lamp')).length === 2);
    expect(await historyOf('lamp')).toEqual([1, 2]);
  },
  TEST_MS,
);
