/** The exchange over HTTP: throughput and latency next to a bare echo, and memory over time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Served, serveGavel, startPinned } from './support/process.ts';
import { keep, type Row } from './support/result.ts';
import { type LoadResult, requireWrk, runWrk, summarize } from './support/wrk.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
/** Long enough that every supply of the large catalogue has been auctioned once. */
const WARM_UP_SECONDS = 4;
const SECONDS = 6;
const CONNECTIONS = 64;
const BIDDERS = 12;
const SMALL_CATALOG = 10;
const LARGE_CATALOG = 100_000;
const SOAK_REQUESTS = Number(process.env['SOAK'] ?? 2_000_000);
const SOAK_STEP_SECONDS = 4;

type Target = {
  readonly name: string;
  readonly script: string;
  readonly env: Record<string, string>;
  start(): Promise<Served>;
};

export async function benchExchange(): Promise<void> {
  await requireWrk();
  const folder = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
  try {
    const targets = await prepare(folder);
    const speeds = await measureSpeeds(targets);
    const soak = await measureMemory(targets);
    await keep({
      name: 'exchange',
      title: 'The exchange over HTTP',
      method: [
        `Server on core 0, wrk on core 1, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s each, medians; a fresh server a round, all in turn.`,
        `POST /bid has ${BIDDERS} eligible bidders and 50,000 client addresses; limiter, statistics and spool (fsync) are on.`,
        'POST /api/v1/bid has 10 bidders by 10 supplies and 10,000 client addresses behind a trusted proxy.',
        `Memory: one server with ${SMALL_CATALOG} supplies over ${SOAK_REQUESTS / 1e6} million POST /bid; the slope is that of the second half.`,
      ],
      tables: [
        { caption: 'Throughput and latency', rows: speeds },
        { caption: 'Memory', rows: soak },
      ],
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function prepare(folder: string): Promise<Target[]> {
  const small = await prepareData(folder, SMALL_CATALOG);
  console.log(`Loading a catalogue of ${LARGE_CATALOG} supplies ...`);
  const large = await prepareData(folder, LARGE_CATALOG);
  return [
    {
      name: 'bare Bun.serve echo',
      script: 'bid.lua',
      env: {},
      start: () => startPinned(['bench/echo-server.ts']),
    },
    bidTarget(small, SMALL_CATALOG),
    bidTarget(large, LARGE_CATALOG),
    { name: 'POST /api/v1/bid, 10 x 10', script: 'batch.lua', env: {}, start: () => serve(small) },
  ];
}

function bidTarget(dataDir: string, supplies: number): Target {
  return {
    name: `POST /bid, ${supplies.toLocaleString('en')} supplies`,
    script: 'bid.lua',
    env: { SUPPLIES: String(supplies) },
    start: () => serve(dataDir),
  };
}

/** A data folder with so many supplies, each with the same bidders of one country. */
async function prepareData(folder: string, supplies: number): Promise<string> {
  const dataDir = join(folder, `data-${supplies}`);
  const ids = Array.from({ length: BIDDERS }, (_, index) => `bidder${index + 1}`);
  const content = {
    supplies: Object.fromEntries(
      Array.from({ length: supplies }, (_, index) => [`supply${index + 1}`, ids]),
    ),
    bidders: Object.fromEntries(ids.map((id) => [id, { country: 'US' }])),
  };
  const file = join(folder, `${supplies}.json`);
  await Bun.write(file, JSON.stringify(content));
  const load = Bun.spawn([process.execPath, 'src/cli/gavel.ts', 'load-data', '-i', file], {
    env: { ...process.env, DATA_DIR: dataDir },
    stdout: 'ignore',
    stderr: 'inherit',
  });
  if ((await load.exited) !== 0) throw new Error('the catalogue could not be loaded');
  return dataDir;
}

async function serve(dataDir: string): Promise<Served> {
  await Promise.all(
    ['', '-wal', '-shm'].map((end) => rm(join(dataDir, `exchange.db${end}`), { force: true })),
  );
  return serveGavel(dataDir, {
    RATE_LIMIT_MAX_REQUESTS: '100000',
    RATE_LIMIT_WINDOW_SECONDS: '60',
    TRUSTED_PROXIES: '127.0.0.1',
  });
}

async function measureSpeeds(targets: readonly Target[]): Promise<Row[]> {
  const runs = new Map<Target, LoadResult[]>(targets.map((target) => [target, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const target of targets) {
      const result = await measureOnce(target);
      runs.get(target)?.push(result);
      console.log(`round ${round}: ${target.name}: ${Math.round(result.perSecond)} req/s`);
    }
  }
  const summaries = Array.from(runs, ([{ name }, results]) => ({ name, ...summarize(results) }));
  const echo = summaries[0]?.perSecond ?? Number.NaN;
  return summaries.map(({ name, perSecond, p50Ms, p95Ms, p99Ms, failed }) => ({
    target: name,
    'req/s': Math.round(perSecond),
    'of the echo': `${Math.round((100 * perSecond) / echo)} %`,
    'p50 ms': p50Ms.toFixed(2),
    'p95 ms': p95Ms.toFixed(2),
    'p99 ms': p99Ms.toFixed(2),
    failed,
  }));
}

async function measureOnce(target: Target): Promise<LoadResult> {
  await using server = await target.start();
  const load = {
    url: server.url,
    script: target.script,
    connections: CONNECTIONS,
    env: target.env,
  };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS });
  return await runWrk({ ...load, seconds: SECONDS });
}

async function measureMemory(targets: readonly Target[]): Promise<Row[]> {
  const target = targets[1];
  if (target === undefined) return [];
  await using server = await target.start();
  const points = [{ requests: 0, megabytes: await server.rssMegabytes() }];
  let requests = 0;
  while (requests < SOAK_REQUESTS) {
    const load = { url: server.url, script: target.script, connections: CONNECTIONS };
    requests += (await runWrk({ ...load, seconds: SOAK_STEP_SECONDS })).requests;
    points.push({ requests, megabytes: await server.rssMegabytes() });
    console.log(`memory after ${requests} requests: ${points.at(-1)?.megabytes} MB`);
  }
  const half = points.slice(Math.floor(points.length / 2));
  return [
    ...points.map(({ requests: after, megabytes }) => ({
      'requests so far': after,
      'RSS MB': megabytes,
    })),
    {
      'requests so far': 'slope of the second half',
      'RSS MB': `${slopePerMillion(half).toFixed(1)} MB a million`,
    },
  ];
}

/** Least squares: megabytes per million requests. */
function slopePerMillion(points: readonly { requests: number; megabytes: number }[]): number {
  const mean = (pick: (one: { requests: number; megabytes: number }) => number) =>
    points.reduce((sum, one) => sum + pick(one), 0) / points.length;
  const x = mean(({ requests }) => requests);
  const y = mean(({ megabytes }) => megabytes);
  const covariance = mean(({ requests, megabytes }) => (requests - x) * (megabytes - y));
  const variance = mean(({ requests }) => (requests - x) ** 2);
  return (1e6 * covariance) / variance;
}
