/** Live auctions: durable bids on one hot item, the book alone, the last second, and the viewers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBook } from './support/book.ts';
import { measureFanOut } from './support/fan-out.ts';
import { LIVE_SETTINGS, type Served, serveGavel, startPinned } from './support/process.ts';
import { keep, type Row } from './support/result.ts';
import { type LoadResult, requireWrk, runWrk, summarize } from './support/wrk.ts';

const ROUNDS = 3;
const SECONDS = 5;
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 64;
const LAST_SECOND_BIDDERS = 1_000;
/** Room for the bids of a warm-up below those of the run: amounts only rise. */
const CENTS_A_RUN = 1_000_000;

export async function benchLive(): Promise<void> {
  await requireWrk();
  const folder = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
  try {
    const http = await measureHttp(folder);
    const book = await measureBook(join(folder, 'book'));
    const viewers = await measureFanOut(join(folder, 'viewers'));
    await keep({
      name: 'live',
      title: 'Live auctions',
      method: [
        `Server on core 0, load on core 1. Bids: wrk, ${ROUNDS} rounds of ${SECONDS} s, medians; every bid is committed with fsync before its answer, relay, archive and hub run beside.`,
        'A bid that arrives after a higher one is refused with 409 and counted as refused.',
        'The book alone: one process on core 0, no HTTP, no relay; in flight is the number of bids awaited at a time.',
        'Viewers: raw sockets in one process on core 1, which also sends the bids. A delivery is one bid to one viewer; lag is from the decision to the socket, on one clock.',
      ],
      tables: [
        { caption: 'Bids on one hot item over HTTP', rows: http },
        { caption: 'The book alone, one hot item', rows: book },
        { caption: 'Viewers of one item', rows: viewers },
      ],
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Target = {
  readonly name: string;
  readonly script: string;
  readonly connections: number;
  start(): Promise<Served>;
};

async function measureHttp(folder: string): Promise<Row[]> {
  let folders = 0;
  const serve = () => serveGavel(join(folder, `http-${folders++}`), LIVE_SETTINGS);
  const targets: Target[] = [
    {
      name: 'bare Bun.serve echo',
      script: 'bid.lua',
      connections: CONNECTIONS,
      start: () => startPinned(['bench/echo-server.ts']),
    },
    { name: 'hot item', script: 'live-bid.lua', connections: CONNECTIONS, start: serve },
    {
      name: `the last second: ${LAST_SECOND_BIDDERS} bidders`,
      script: 'live-bid.lua',
      connections: LAST_SECOND_BIDDERS,
      start: serve,
    },
  ];
  const runs = new Map<Target, LoadResult[]>(targets.map((target) => [target, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const target of targets) {
      const result = await measureOnce(target);
      runs.get(target)?.push(result);
      console.log(`round ${round}: ${target.name}: ${Math.round(result.perSecond)} /s`);
    }
  }
  return httpRows(runs);
}

async function measureOnce(target: Target): Promise<LoadResult> {
  await using server = await target.start();
  const { script, connections } = target;
  const load = { url: server.url, script, connections };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS });
  const env = { FIRST_CENTS: String(CENTS_A_RUN) };
  return await runWrk({ ...load, seconds: SECONDS, env });
}

function httpRows(runs: ReadonlyMap<Target, LoadResult[]>): Row[] {
  const summaries = Array.from(runs, ([{ name }, results]) => ({
    name,
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    ...summarize(results),
  }));
  const echo = summaries[0]?.perSecond ?? Number.NaN;
  return summaries.map(({ name, perSecond, requests, p50Ms, p95Ms, p99Ms, failed }) => ({
    target: name,
    'answers/s': Math.round(perSecond),
    'of the echo': `${Math.round((100 * perSecond) / echo)} %`,
    'p50 ms': p50Ms.toFixed(2),
    'p95 ms': p95Ms.toFixed(2),
    'p99 ms': p99Ms.toFixed(2),
    refused: `${((100 * failed) / requests).toFixed(1)} %`,
  }));
}
