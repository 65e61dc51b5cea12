/**
 * `make cluster`: opens the cluster on ports 8080 and 8081, prints a table of its processes, and
 * stops all of them on Ctrl-C or SIGTERM.
 *
 * CLUSTER=redis uses a Redis Cluster; CLUSTER_DIR is the folder for all data; CLUSTER_PORT and
 * CLUSTER_BROADCAST_PORT are the ports. The rest of the environment goes to the nodes.
 */
import { relative } from 'node:path';
import { type Cluster, openCluster } from './cluster.ts';
import { isFree } from './free-port.ts';

const EVERYWHERE = '0.0.0.0';

/** What a process does, by the beginning of its name; the first that fits. */
const PURPOSES = {
  'redis-': 'decides bids, one of six; every write synced',
  redis: 'decides bids; every write synced',
  nats: 'carries events (JetStream)',
  'postgres-': 'follows postgres and answers reads of history',
  postgres: 'keeps the catalogue and the archive',
  pgbouncer: 'lends connections to postgres',
  api: 'answers auctions and bids',
  broadcast: 'sends events to viewers over WebSocket',
  archiver: 'writes events to postgres',
  relay: 'hands events from redis to nats',
  closer: 'ends items at their time',
  nginx: 'the entry',
};

await run(process.env).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

async function run(environment: typeof process.env): Promise<void> {
  const stopSignal = nextStopSignal();
  const port = portOf(environment['CLUSTER_PORT'] || '8080');
  const broadcastPort = portOf(environment['CLUSTER_BROADCAST_PORT'] || '8081');
  const redis = redisOf(environment['CLUSTER'] || 'single');
  for (const wanted of [port, broadcastPort]) await demandFree(wanted);
  let isStopping = false;
  console.log('Starting the servers and nodes: some seconds ...');
  const cluster = await openCluster({
    folder: environment['CLUSTER_DIR'] || 'data/cluster',
    redis,
    settings: settingsOf(environment),
    port,
    broadcastPort,
    listenOn: EVERYWHERE,
    onEnd: (name, code) => {
      if (!isStopping) console.error(`${name} has ended with ${code}: see its log.`);
    },
  });
  console.log(`${table(cluster)}\n\n${whatToTry(cluster, port, broadcastPort)}`);
  await stopSignal;
  isStopping = true;
  console.log('Stopping, in reverse order ...');
  await cluster[Symbol.asyncDispose]();
  console.log('Stopped.');
  process.exit(0);
}

/** A signal during the start stops the processes started so far; they never see it themselves. */
function nextStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve());
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Error(`"${text}" is not a port: expected a whole number from 1 to 65535`);
}

function redisOf(text: string): 'single' | 'cluster' {
  if (text === 'single') return 'single';
  if (text === 'redis') return 'cluster';
  throw new Error(`CLUSTER="${text}": redis is a Redis Cluster, single (the default) one server`);
}

async function demandFree(port: number): Promise<void> {
  if (await isFree(port, EVERYWHERE)) return;
  throw new Error(`Port ${port} is taken. Stop what listens there, or choose others: \
CLUSTER_PORT=9080 CLUSTER_BROADCAST_PORT=9081 make cluster`);
}

/** The user's environment must not name another Redis. */
function settingsOf(environment: typeof process.env): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !/^(REDIS_(HOST|PORT|PASSWORD|DB)|CLUSTER.*)$/.test(name)) {
      settings[name] = value;
    }
  }
  return settings;
}

function table({ servers }: Cluster): string {
  const rows = servers.map(({ name, address, pid, logFile }) => [
    name,
    purposeOf(name),
    address,
    `${pid}`,
    relative(process.cwd(), logFile),
  ]);
  return columns([['name', 'what it does', 'address', 'pid', 'log'], ...rows.toSorted(byPurpose)]);
}

function byPurpose([a = '']: readonly string[], [b = '']: readonly string[]): number {
  const order = (name: string) => Object.values(PURPOSES).indexOf(purposeOf(name));
  return order(a) - order(b) || a.localeCompare(b);
}

function purposeOf(name: string): string {
  return Object.entries(PURPOSES).find(([start]) => name.startsWith(start))?.[1] ?? '';
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

function whatToTry({ settings }: Cluster, port: number, broadcastPort: number): string {
  return `Everything is on http://localhost:${port} (viewers also on port ${broadcastPort}). Try:
  bin/gavel watch item_1 --url http://localhost:${port}
  curl -s localhost:${port}/api/v1/items/item_1/bid -H 'Content-Type: application/json' \
-d '{"user_id": "you", "amount": 100}'
  export POSTGRES_URL=${settings['POSTGRES_URL']}   # for gavel replay, load-data, migrate
Kill what you like by its pid. Ctrl-C stops everything; the next start goes on from there.`;
}
