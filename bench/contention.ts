/** Seed 004's experiment 1: everybody bids on one item at once, through the entry. */
import { openTopology } from './support/cluster-topology.ts';
import { keep, type Row } from './support/result.ts';
import { requireWrk, runWrk } from './support/wrk.ts';

const USERS = [100, 1_000];
const WARM_UP_SECONDS = 2;
const SECONDS = 8;
/** Room for the bids of a warm-up below those of the run: amounts only rise. */
const CENTS_A_RUN = 1_000_000;

export async function benchContention(): Promise<void> {
  await requireWrk();
  await using topology = await openTopology();
  const rows: Row[] = [];
  for (const users of USERS) rows.push(await measure(topology.url, users));
  await keep({
    name: 'contention',
    title: 'Write contention',
    method: [
      'The topology of `make cluster` on this one machine: nginx, 2 api nodes, Redis with AOF always; relay, archiver and broadcast nodes run beside.',
      `A user is a connection of wrk with one bid under way at a time, for ${SECONDS} s. Every bid is a cent above the one sent before it; one that arrives after a higher one is refused, by Redis or by the prices that a node has seen.`,
      'Errors are all other answers and none.',
    ],
    tables: [{ caption: 'Bids on one item', rows }],
  });
}

async function measure(url: string, users: number): Promise<Row> {
  const item = `contended-${users}-${Date.now()}`;
  const load = { url, script: 'contended-bid.lua', connections: users };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS, env: { ITEM: item } });
  const env = { ITEM: item, FIRST_CENTS: String(CENTS_A_RUN) };
  const result = await runWrk({ ...load, seconds: SECONDS, env });
  console.log(`${users} users: ${Math.round(result.perSecond)} bids/s`);
  return {
    users,
    'bids/s': Math.round(result.perSecond),
    accepted: result.accepted,
    refused: result.refused,
    errors: result.failed - result.refused,
    'p50 ms': result.p50Ms.toFixed(1),
    'p99 ms': result.p99Ms.toFixed(1),
  };
}
