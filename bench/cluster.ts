/** The speed of the topology on one machine, next to that of the embedded node in the same run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, openCluster } from '../deploy/local/cluster.ts';
import { openRedisServer } from '../deploy/local/redis.ts';
import { measureArchivePace } from './support/archive-pace.ts';
import { LIVE_SETTINGS, serveGavel } from './support/process.ts';
import { measureRedisBook } from './support/redis-book.ts';
import { keep, type Row } from './support/result.ts';
import { type LoadResult, requireWrk, runWrk } from './support/wrk.ts';

const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;
const SECONDS = 6;
const CENTS_A_RUN = 1_000_000;

/** The limiter counts every address, and refuses none. */
const SETTINGS = {
  ...LIVE_SETTINGS,
  LOG_FORMAT: 'json',
  RATE_LIMIT_MAX_REQUESTS: '100000',
  RATE_LIMIT_WINDOW_SECONDS: '60',
};

type Speed = { readonly target: string; readonly result: LoadResult };
type Speeds = { readonly bids: readonly Speed[]; readonly auctions: readonly Speed[] };

export async function benchCluster(): Promise<void> {
  await requireWrk();
  const book = await measureRedisBook();
  const embedded = await measureNode('embedded', {});
  const alone = await measureBesideRedis();
  const { pace, ...lua } = await withCluster('lua', async (cluster) => ({
    // First, before the other loads leave auctions behind that the archiver then writes meanwhile.
    pace: await measureArchivePace(cluster),
    bids: [
      await bidsOn('cluster, 1 api node', apiUrl(cluster)),
      await bidsOn('cluster, nginx and 2 api nodes', cluster.url),
    ],
    auctions: [
      await auctionsOn('cluster, 1 api node', apiUrl(cluster)),
      await auctionsOn('cluster, through nginx', cluster.url),
    ],
  }));
  const optimistic = await withCluster('optimistic', async (cluster) => [
    await bidsOn('cluster (optimistic), 1 api node', apiUrl(cluster)),
    await bidsOn('cluster (optimistic), nginx and 2 api nodes', cluster.url),
  ]);
  await keep({
    name: 'cluster',
    title: 'The cluster on one machine',
    method: [
      'The topology of `make cluster`: Redis with AOF always, NATS JetStream, PostgreSQL with a replica, PgBouncer, 2 api and 2 broadcast nodes, archiver, relay, closer. All of it and the load share the cores; on machines of their own the parts would not wait for each other.',
      `wrk on core 1, ${CONNECTIONS} connections, ${SECONDS} s after a warm-up of ${WARM_UP_SECONDS} s. The embedded node is one process on core 0 with its own files, fsync at every commit; "beside Redis" is the same process with items, limiter and statistics in a Redis, and no other server.`,
      'Bids: a cent above the one sent before; what arrives after a higher one is refused, by Redis or by the prices that a node has seen. Errors are all other answers.',
      '`POST /bid`: the sample catalogue of 10 supplies, 50,000 client addresses, the limiter on and never refusing; nginx sends all of one peer to one node.',
      'Relay and archive: bids decided by a process that drives the book alone, 20 items, 5 s a row; `behind` counts what is not in PostgreSQL yet when the last bid was decided.',
    ],
    tables: [
      {
        caption: 'Bids on one hot item',
        rows: speedRows([...embedded.bids, ...alone.bids, ...lua.bids, ...optimistic]),
      },
      { caption: 'The book in Redis alone, one hot item', rows: book },
      {
        caption: 'POST /bid',
        rows: speedRows([...embedded.auctions, ...alone.auctions, ...lua.auctions]),
      },
      { caption: 'Relay and archive', rows: pace },
    ],
  });
}

/** One node in all roles on core 0, with its own files for what is not in a server. */
async function measureNode(name: string, settings: Record<string, string>): Promise<Speeds> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
  try {
    await using server = await serveGavel(folder, { ...SETTINGS, ...settings });
    const bids = [await bidsOn(name, server.url)];
    const auctions = [await auctionsOn(name, server.url)];
    return { bids, auctions };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureBesideRedis(): Promise<Speeds> {
  await using redis = await openRedisServer();
  return await measureNode('one node beside Redis', { REDIS_ADDR: redis.address });
}

async function withCluster<Value>(
  strategy: 'lua' | 'optimistic',
  work: (cluster: Cluster) => Promise<Value>,
): Promise<Value> {
  console.log(`Starting the cluster (${strategy}) ...`);
  await using cluster = await openCluster({ settings: { ...SETTINGS, REDIS_STRATEGY: strategy } });
  return await work(cluster);
}

function apiUrl(cluster: Cluster): string {
  return `http://${cluster.server('api-1').address}`;
}

async function bidsOn(target: string, url: string): Promise<Speed> {
  const ITEM = `hot-${Date.now()}`;
  const load = { url, script: 'contended-bid.lua', connections: CONNECTIONS };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS, env: { ITEM } });
  const env = { ITEM, FIRST_CENTS: `${CENTS_A_RUN}` };
  return told({ target, result: await runWrk({ ...load, seconds: SECONDS, env }) });
}

async function auctionsOn(target: string, url: string): Promise<Speed> {
  const load = { url, script: 'bid.lua', connections: CONNECTIONS };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS });
  return told({ target, result: await runWrk({ ...load, seconds: SECONDS }) });
}

function told(speed: Speed): Speed {
  console.log(`${speed.target}: ${Math.round(speed.result.perSecond)} /s`);
  return speed;
}

/** @param speeds the others are relative to the first */
function speedRows(speeds: readonly Speed[]): Row[] {
  const measure = speeds[0]?.result.perSecond ?? Number.NaN;
  return speeds.map(({ target, result }) => ({
    target,
    'answers/s': Math.round(result.perSecond),
    'of embedded': `${Math.round((100 * result.perSecond) / measure)} %`,
    'p50 ms': result.p50Ms.toFixed(2),
    'p99 ms': result.p99Ms.toFixed(2),
    refused: `${((100 * result.refused) / result.requests).toFixed(1)} %`,
    errors: result.failed - result.refused,
  }));
}
