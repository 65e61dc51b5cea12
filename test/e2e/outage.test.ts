/** What clients are told by the nodes of a cluster while a server behind them is away. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from '@nats-io/transport-node';
import { type Cluster, openCluster } from '../../deploy/local/cluster.ts';
import { LOOPBACK } from '../../deploy/local/free-port.ts';
import type { LocalServer } from '../../deploy/local/server.ts';
import { until } from '../../deploy/local/until.ts';
import { BID_CHANNEL } from '../../src/driver/nats/stream/channel.ts';
import { bid, type ErrorBody, get, post, type TotalsBody } from '../support/exchange-client.ts';
import { openFolder, openServer, runGavel } from '../support/server.ts';

const CLUSTER_MS = 60_000;
const TEST_MS = 30_000;
const ANSWER_MS = 150;
const BACK_MS = 2_000;

let cluster: Cluster;
let api: string;
let amount = 0;

beforeAll(async () => {
  cluster = await openCluster({ fsync: false, settings: { RATE_LIMIT_MAX_REQUESTS: '0' } });
  api = urlOf('api-1');
}, CLUSTER_MS);
afterAll(() => cluster[Symbol.asyncDispose](), CLUSTER_MS);

type HealthBody = { status: string; degraded?: string[]; dead_letters?: number };

const urlOf = (name: string) => `http://${cluster.server(name).address}`;
const healthOf = async (name: string) => (await get<HealthBody>(`${urlOf(name)}/health`)).body;

function place(url = api) {
  return post<ErrorBody>(`${url}/api/v1/items/lamp/bid`, { user_id: 'ann', amount: ++amount });
}

async function seqsOf(item: string): Promise<number[]> {
  const { body } = await get<{ events: { seq: number }[] }>(`${api}/api/v1/items/${item}/bids`);
  return body.events.map(({ seq }) => seq);
}

function auction(url = api) {
  return bid(url, { supply_id: 'supply1', country: 'US' });
}

async function untilDegraded(name: string, part: string): Promise<void> {
  await until(`${name} misses ${part}`, async () =>
    Boolean((await healthOf(name)).degraded?.includes(part)),
  );
}

async function untilWell(name: string): Promise<void> {
  await until(`${name} is well`, async () => (await healthOf(name)).status === 'healthy');
}

async function backAfter(server: LocalServer, isBack: () => Promise<boolean>): Promise<number> {
  await server.restart();
  const startedMs = performance.now();
  await until(`${server.name} is used again`, isBack);
  return performance.now() - startedMs;
}

test(
  'without Redis bids are not decided, said in time, and auctions go on',
  async () => {
    expect((await place()).status).toBe(200);
    const redis = cluster.server('redis');
    redis.kill('SIGKILL');
    await redis.exited;
    for (let count = 0; count < 20; count++) {
      const startedMs = performance.now();
      const { status, body, headers } = await place();
      expect({ status, error: body.error }).toEqual({ status: 503, error: 'not_decided' });
      expect(headers.get('retry-after')).toBe('1');
      expect(performance.now() - startedMs).toBeLessThan(ANSWER_MS);
      expect([200, 204]).toContain((await auction()).status);
      expect((await get<ErrorBody>(`${api}/api/v1/items`)).body.error).toBe('not_decided');
    }
    expect(await healthOf('api-1')).toMatchObject({ status: 'degraded', degraded: ['redis'] });
    const isDecided = async () => (await place()).status === 200;
    expect(await backAfter(redis, isDecided)).toBeLessThan(BACK_MS);
    await untilWell('api-1');
  },
  TEST_MS,
);

test(
  'without NATS bids are decided, and the history catches up in order when it is back',
  async () => {
    const nats = cluster.server('nats');
    nats.kill('SIGKILL');
    await nats.exited;
    await untilDegraded('api-1', 'nats');
    for (const url of [api, urlOf('api-2')]) expect((await place(url)).status).toBe(200);
    await untilDegraded('relay', 'events');
    await nats.restart();
    await untilWell('relay');
    await untilWell('api-1');
    const decided = await get<{ seq: number }>(`${api}/api/v1/items/lamp`);
    const all = Array.from({ length: decided.body.seq }, (_, index) => index + 1);
    await until('the history is whole', async () => (await seqsOf('lamp')).length === all.length);
    expect(await seqsOf('lamp')).toEqual(all);
  },
  TEST_MS,
);

test(
  'a relay that is gone is told by the nodes that decide bids, until another carries on',
  async () => {
    expect((await place()).status).toBe(200);
    const relay = cluster.server('relay');
    relay.kill('SIGKILL');
    await relay.exited;
    expect((await place()).status).toBe(200);
    await untilDegraded('api-1', 'relay');
    await relay.restart();
    await untilWell('api-1');
  },
  TEST_MS,
);

test(
  'a node that starts without PostgreSQL serves bids, and has its catalogue once it is back',
  async () => {
    const postgres = cluster.server('postgres');
    postgres.kill('SIGKILL');
    await postgres.exited;
    await using node = await openServer(cluster.settings);
    expect((await place(node.url)).status).toBe(200);
    const health = () => get<HealthBody>(`${node.url}/health`);
    expect((await health()).body.degraded).toContain('catalogue');
    expect((await get<ErrorBody>(`${node.url}/supplies`)).body.error).toBe('no_catalogue');
    const { status, body } = await bid(node.url, { supply_id: 'supply1', country: 'US' });
    expect({ status, error: (body as unknown as ErrorBody).error }).toEqual({
      status: 503,
      error: 'no_catalogue',
    });
    await postgres.restart();
    await until('it has its catalogue', async () => (await auction(node.url)).status !== 503);
    await until('it is well', async () => (await health()).body.status === 'healthy');
    // The tests that follow read the archive through the other nodes.
    for (const name of ['api-1', 'api-2', 'archiver']) await untilWell(name);
    expect([200, 204]).toContain((await auction(node.url)).status);
  },
  TEST_MS,
);

test(
  'what can never be archived is put aside, told in health, and holds up nothing',
  async () => {
    const nats = await connect({ servers: cluster.settings['NATS_URL'] ?? '' });
    nats.publish(`${BID_CHANNEL.subject}.batch`, 'no events');
    await nats.flush();
    await nats.close();
    const seqs = await seqsOf('lamp');
    expect((await place()).status).toBe(200);
    await until('the bid is archived', async () => (await seqsOf('lamp')).length > seqs.length);
    await until('health tells it', async () => (await healthOf('archiver')).dead_letters === 1);
    expect((await healthOf('archiver')).status).toBe('degraded');
    expect((await get(`${urlOf('archiver')}/health/ready`)).status).toBe(200);
  },
  TEST_MS,
);

test(
  'totals of the archive come to count what both nodes have auctioned',
  async () => {
    const totals = async (source: string) =>
      (await get<TotalsBody>(`${api}/api/v1/stat?source=${source}`)).body;
    for (const name of ['api-1', 'api-2']) await auction(urlOf(name));
    const live = await totals('live');
    expect(live.total_auctions).toBeGreaterThan(2);
    await until('the auctions are archived', async () => {
      return (await totals('archive')).total_auctions === live.total_auctions;
    });
    expect(await totals('archive')).toEqual(live);
  },
  TEST_MS,
);

test(
  'a node with another number of buckets than the others does not start',
  async () => {
    await using folder = await openFolder();
    const settings = { ...cluster.settings, REDIS_BUCKETS: '7', SERVER_ADDR: `${LOOPBACK}:0` };
    const node = await runGavel(['serve'], { dataDir: folder.path, settings });
    expect(node).toMatchObject({
      code: 1,
      err: 'error: this Redis was begun with REDIS_BUCKETS=1, not 7\n',
    });
  },
  TEST_MS,
);
