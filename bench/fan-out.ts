/**
 * Experiment 2 of seed 004: one item, growing numbers of viewers on two broadcast nodes, by the
 * entry.
 */
import { openTopology } from './support/cluster-topology.ts';
import { createBids, openViewers } from './support/fan-out.ts';
import { keep, type Row } from './support/result.ts';

const VIEWERS = [100, 1_000, 8_000];
const BIDS_PER_SECOND = [10, 100];
const SECONDS = 5;

export async function benchFanOut(): Promise<void> {
  await using topology = await openTopology();
  const rows: Row[] = [];
  for (const viewers of VIEWERS) rows.push(...(await measure(topology.url, viewers)));
  await keep({
    name: 'fan-out',
    title: 'Viewers on two broadcast nodes',
    method: [
      'The topology of `make cluster` on this one machine; viewers come through nginx to 2 broadcast nodes, bids through nginx to 2 api nodes.',
      'Raw sockets in one process, which also sends the bids. A delivery is one bid to one viewer; lag is from the decision in Redis to the socket, by way of outbox, relay and NATS, on one clock. A gap is an event that does not follow the one that the viewer had.',
      `${SECONDS} s a row.`,
    ],
    tables: [{ caption: 'Viewers of one item', rows }],
  });
}

async function measure(url: string, count: number): Promise<Row[]> {
  const item = `fan-out-${count}-${Date.now()}`;
  const bids = createBids(url, item);
  await bids.send(1);
  await using viewers = await openViewers(url, item, count);
  const rows: Row[] = [];
  for (const rate of BIDS_PER_SECOND) {
    await viewers.report();
    const accepted = await bids.keepUp(rate, SECONDS);
    const { events, gaps, lagP50Ms, lagP99Ms } = await viewers.report();
    console.log(`${count} viewers, ${rate} bids/s: p99 ${lagP99Ms} ms, ${gaps} gaps`);
    rows.push({
      viewers: count,
      'bids sent/s': rate,
      'accepted/s': Math.round(accepted / SECONDS),
      'deliveries/s': Math.round(events / SECONDS),
      delivered: `${((100 * events) / (accepted * count)).toFixed(1)} %`,
      'lag p50 ms': lagP50Ms,
      'lag p99 ms': lagP99Ms,
      gaps,
    });
  }
  return rows;
}
