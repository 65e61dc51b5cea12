/** The topology of `make cluster`, with the faults and queries of the experiments. */
import { Client } from 'pg';
import { openCluster } from '../../deploy/local/cluster.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import { LIVE_SETTINGS } from './process.ts';
import type { Topology } from './topology.ts';

export async function openTopology(): Promise<Topology> {
  console.log('Starting the cluster ...');
  const cluster = await openCluster({ settings: { ...LIVE_SETTINGS, LOG_FORMAT: 'json' } });
  return {
    url: cluster.url,
    part: (name) => cluster.server(name),
    archiveRows: (itemId) => archiveRows(cluster.settings['POSTGRES_URL'] ?? '', itemId),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

async function archiveRows(url: string, itemId: string): Promise<ItemEvent[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const text = 'select event from item_event where item_id = $1 order by seq';
    const { rows } = await client.query<{ event: ItemEvent }>(text, [itemId]);
    return rows.map(({ event }) => event);
  } finally {
    await client.end();
  }
}
