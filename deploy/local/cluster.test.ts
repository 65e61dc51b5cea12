import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type Cluster, openCluster } from './cluster.ts';
import { until } from './until.ts';

const START_MS = 60_000;
const ended: string[] = [];
let cluster: Cluster;

beforeAll(async () => {
  const onEnd = (name: string, code: number) => void ended.push(`${name} ${code}`);
  cluster = await openCluster({ fsync: false, onEnd });
}, START_MS);
afterAll(() => cluster[Symbol.asyncDispose](), START_MS);

async function serviceAt(url: string): Promise<string> {
  const { service } = (await (await fetch(`${url}/health`)).json()) as { service: string };
  return service;
}

test('the entry leads to the api nodes, its second port to the broadcast nodes', async () => {
  expect(await serviceAt(cluster.url)).toBe('gavel-api');
  expect(await serviceAt(cluster.broadcastUrl)).toBe('gavel-broadcast');
});

test('every part of the topology is a process of its own', () => {
  expect(cluster.servers.map(({ name }) => name).toSorted()).toEqual([
    ...['api-1', 'api-2', 'archiver', 'broadcast-1', 'broadcast-2', 'closer', 'nats', 'nginx'],
    ...['pgbouncer', 'postgres', 'postgres-replica', 'redis', 'relay'],
  ]);
  expect(new Set(cluster.servers.map(({ pid }) => pid)).size).toBe(cluster.servers.length);
});

test('a node that dies is reported by name, and the entry goes on without it', async () => {
  const node = cluster.server('api-1');
  node.kill('SIGKILL');
  await node.exited;
  await until('the end is reported', async () => ended.length > 0);
  for (let request = 0; request < 4; request++) {
    expect(await serviceAt(cluster.url)).toBe('gavel-api');
  }
  await node.restart();
  expect(await serviceAt(`http://${node.address}`)).toBe('gavel-api');
  expect(ended).toEqual(['api-1 137']);
});

test('a second cluster on the folder of a running one is refused', async () => {
  const folder = cluster.server('redis').folder.replace(/\/redis$/, '');
  await expect(openCluster({ folder })).rejects.toThrow('another cluster is running');
});
