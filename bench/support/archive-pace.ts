/** Measures whether relay and archiver keep up with a steady rate of events. */
import { Client } from 'pg';
import type { Cluster } from '../../deploy/local/cluster.ts';
import { ROOT } from './process.ts';
import type { Row } from './result.ts';
import { within } from './within.ts';

const PER_SECOND = [5_000, 10_000, 20_000];
const SECONDS = 5;
const POLL_MS = 100;
const ARCHIVED_WITHIN_MS = 60_000;

export async function measureArchivePace(cluster: Cluster): Promise<Row[]> {
  const client = new Client({ connectionString: cluster.settings['POSTGRES_URL'] });
  await client.connect();
  try {
    const rows: Row[] = [];
    for (const perSecond of PER_SECOND) rows.push(await measure(cluster, client, perSecond));
    return rows;
  } finally {
    await client.end();
  }
}

async function measure(cluster: Cluster, client: Client, perSecond: number): Promise<Row> {
  const prefix = `pace-${perSecond}-${Date.now()}`;
  const startedMs = performance.now();
  const { events, tookMs } = await produce(cluster, { prefix, perSecond });
  const behind = events - (await countArchived(client, prefix));
  const endMs = performance.now();
  const work = untilArchived(client, prefix, events);
  await within(ARCHIVED_WITHIN_MS, `the archive of ${events} events`, work);
  const archivedMs = performance.now();
  console.log(`${perSecond} events/s: ${behind} behind at the end`);
  return {
    'asked events/s': perSecond,
    'decided/s': Math.round((1000 * events) / tookMs),
    'archived/s': Math.round((1000 * events) / (archivedMs - startedMs)),
    'behind at the end': behind,
    'seconds until none was': ((archivedMs - endMs) / 1000).toFixed(2),
  };
}

type Wanted = { readonly prefix: string; readonly perSecond: number };
type Produced = { readonly events: number; readonly tookMs: number };

async function produce(cluster: Cluster, { prefix, perSecond }: Wanted): Promise<Produced> {
  const words = [cluster.server('redis').address, prefix, `${perSecond}`, `${SECONDS}`];
  const command = [process.execPath, 'bench/support/event-source.ts', ...words];
  const child = Bun.spawn(command, { cwd: ROOT, stdout: 'pipe', stderr: 'inherit' });
  return JSON.parse(await child.stdout.text()) as Produced;
}

async function untilArchived(client: Client, prefix: string, events: number): Promise<void> {
  while ((await countArchived(client, prefix)) < events) await Bun.sleep(POLL_MS);
}

async function countArchived(client: Client, prefix: string): Promise<number> {
  const text = 'select count(*)::int as count from item_event where item_id between $1 and $2';
  const { rows } = await client.query<{ count: number }>(text, [`${prefix}-`, `${prefix}-~`]);
  return rows[0]?.count ?? 0;
}
