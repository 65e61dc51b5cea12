/** A real Redis Cluster: three masters with one replica each, as six processes. */
import { join } from 'node:path';
import { keptPort } from './free-port.ts';
import { programPath } from './program.ts';
import { askRedis, openRedisServer, type RedisOptions, type RedisServer } from './redis.ts';
import { openServerFolder } from './server-folder.ts';
import { until } from './until.ts';

const NODES = 6;
const REPLICAS_PER_MASTER = 1;
const REPLICAS = (NODES * REPLICAS_PER_MASTER) / (REPLICAS_PER_MASTER + 1);

export type RedisCluster = AsyncDisposable & {
  /** `host:port` of every node. */
  readonly addresses: readonly string[];
  readonly nodes: readonly RedisServer[];
};

export type RedisClusterOptions = Pick<RedisOptions, 'appendFsync' | 'folder' | 'onEnd'> & {
  /** Time without an answer after which a replica replaces its master. */
  readonly nodeTimeoutMs?: number;
};

export async function openRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openServerFolder('redis-cluster', options.folder)).path;
  const nodes = await Promise.all(
    Array.from({ length: NODES }, async (_, index) =>
      opening.use(await openNode(folder, index + 1, options)),
    ),
  );
  const [first] = nodes;
  const addresses = nodes.map((node) => node.address);
  if (first !== undefined && !(await isFormed(first))) await form(addresses);
  await until('every node of the Redis Cluster is in its place', async () =>
    (await Promise.all(nodes.map(isInPlace))).every((is) => is),
  );
  const whole = opening.move();
  return { addresses, nodes, [Symbol.asyncDispose]: () => whole.disposeAsync() };
}

async function openNode(
  root: string,
  number: number,
  { nodeTimeoutMs = 2_000, ...options }: RedisClusterOptions,
): Promise<RedisServer> {
  const name = `redis-${number}`;
  const folder = (await openServerFolder(name, join(root, name))).path;
  const busPort = await keptPort(folder, 'bus-port');
  return openRedisServer({
    ...options,
    name,
    folder,
    args: [
      ...['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`],
      ...['--cluster-node-timeout', `${nodeTimeoutMs}`],
      // Other masters keep serving their slots when one is lost with its replica.
      ...['--cluster-require-full-coverage', 'no'],
    ],
  });
}

async function isFormed(node: RedisServer): Promise<boolean> {
  return !(await askRedis(node.port, 'CLUSTER', 'INFO')).includes('cluster_known_nodes:1\r');
}

async function form(addresses: readonly string[]): Promise<void> {
  const flags = ['--cluster-replicas', `${REPLICAS_PER_MASTER}`, '--cluster-yes'];
  const command = [programPath('redis-cli'), '--cluster', 'create', ...addresses, ...flags];
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [out, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error(`redis-cli could not form a cluster:\n${out}`);
}

/** Whether a node sees all slots served and all replicas and, as a replica, follows its master. */
async function isInPlace({ port }: RedisServer): Promise<boolean> {
  const [state, nodes, replication] = await Promise.all([
    askRedis(port, 'CLUSTER', 'INFO'),
    askRedis(port, 'CLUSTER', 'NODES'),
    askRedis(port, 'INFO', 'replication'),
  ]);
  const replicas = nodes.match(/slave [0-9a-f]{40}/g)?.length;
  const isWhole = state.includes('cluster_state:ok') && replicas === REPLICAS;
  return isWhole && !replication.includes('master_link_status:down');
}
