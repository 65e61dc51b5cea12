/** `gavel serve --workers`: processes that share a port, and what they leave behind. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { freePort, LOOPBACK } from '../../deploy/local/free-port.ts';
import { type NatsServer, openNatsServer } from '../../deploy/local/nats.ts';
import { openPostgres } from '../../deploy/local/postgres.ts';
import { openRedisServer } from '../../deploy/local/redis.ts';
import { until } from '../../deploy/local/until.ts';
import { bid, get, type TotalsBody } from '../support/exchange-client.ts';
import { SERVERS_START_MS } from '../support/postgres-store.ts';
import { GAVEL, openFolder, openServer } from '../support/server.ts';

const TEST_MS = 30_000;
const opened = new AsyncDisposableStack();
let nats: NatsServer;
let settings: Record<string, string>;

beforeAll(async () => {
  const redis = opened.use(await openRedisServer());
  const postgres = opened.use(await openPostgres());
  nats = opened.use(await openNatsServer());
  settings = {
    REDIS_ADDR: redis.address,
    NATS_URL: nats.url,
    POSTGRES_URL: postgres.url,
    RATE_LIMIT_MAX_REQUESTS: '0',
    LOG_FORMAT: 'json',
  };
}, SERVERS_START_MS);
afterAll(() => opened.disposeAsync(), SERVERS_START_MS);

/** Process ids of its children, as Linux tells them. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Whether there is such a process that has not ended. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}

function startWorkers(count: number, environment: Record<string, string>) {
  return Bun.spawn([process.execPath, GAVEL, 'serve', '--workers', `${count}`], {
    env: { ...settings, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

type Workers = AsyncDisposable & {
  readonly url: string;
  readonly parent: ReturnType<typeof startWorkers>;
};

/** @param dataDir of all of them */
async function openWorkers(count: number, dataDir: string): Promise<Workers> {
  const address = `${LOOPBACK}:${await freePort()}`;
  const parent = startWorkers(count, { SERVER_ADDR: address, DATA_DIR: dataDir });
  const log = parent.stdout.text();
  await until('all workers serve', async () => {
    const pids = childrenOf(parent.pid);
    if (parent.exitCode !== null) throw new Error(await log);
    return pids.length === count && (await get(`http://${address}/supplies`)).status === 200;
  });
  return {
    url: `http://${address}`,
    parent,
    [Symbol.asyncDispose]: async () => {
      parent.kill('SIGTERM');
      await parent.exited;
    },
  };
}

test(
  'a worker that is killed is replaced, and all end in good order with their parent',
  async () => {
    await using folder = await openFolder();
    await using workers = await openWorkers(2, folder.path);
    const { url, parent } = workers;
    const [killed = 0] = childrenOf(parent.pid);
    process.kill(killed, 'SIGKILL');
    await until('another has taken its place', async () => {
      const now = childrenOf(parent.pid);
      return now.length === 2 && !now.includes(killed);
    });
    expect((await get(`${url}/health/live`)).status).toBe(200);
    const last = childrenOf(parent.pid);
    parent.kill('SIGTERM');
    expect(await parent.exited).toBe(0);
    expect(last.filter(isRunning)).toEqual([]);
  },
  TEST_MS,
);

test(
  'workers are out of reach of the terminal, and do not outlive a parent that is killed',
  async () => {
    await using folder = await openFolder();
    await using workers = await openWorkers(2, folder.path);
    const pids = childrenOf(workers.parent.pid);
    const groupOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[4];
    expect(pids.map(groupOf)).toEqual(pids.map(String));
    workers.parent.kill('SIGKILL');
    await until('they are gone', async () => !pids.some(isRunning));
  },
  TEST_MS,
);

test(
  'the parent holds the folder for its workers; when it is killed others start at once',
  async () => {
    await using folder = await openFolder();
    await using workers = await openWorkers(2, folder.path);
    const address = `${LOOPBACK}:${await freePort()}`;
    const second = startWorkers(2, { SERVER_ADDR: address, DATA_DIR: folder.path });
    expect(await second.exited).toBe(1);
    const { pid } = workers.parent;
    const host = new URL(workers.url).host;
    expect(await second.stderr.text()).toStartWith(
      `error: ${folder.path} is in use by process ${pid} (${host}, since `,
    );
    workers.parent.kill('SIGKILL');
    await workers.parent.exited;
    await using next = await openWorkers(2, folder.path);
    expect((await get(`${next.url}/health/live`)).status).toBe(200);
  },
  TEST_MS,
);

test(
  'workers that cannot serve end with their parent, who does not try for ever',
  async () => {
    await using folder = await openFolder();
    const address = `${LOOPBACK}:${await freePort()}`;
    const environment = { SERVER_ADDR: address, DATA_DIR: folder.path, REDIS_BUCKETS: '3' };
    // Another number of buckets than the workers before had.
    const parent = startWorkers(2, environment);
    expect(await parent.exited).toBe(1);
    expect(await parent.stderr.text()).toContain('REDIS_BUCKETS=1, not 3');
  },
  TEST_MS,
);

test(
  'a port that another program has is noticed',
  async () => {
    await using folder = await openFolder();
    await using other = await openServer(settings);
    const address = new URL(other.url).host;
    const parent = startWorkers(2, { SERVER_ADDR: address, DATA_DIR: folder.path });
    expect(await parent.exited).toBe(1);
    expect(await parent.stderr.text()).toBe(
      `error: SERVER_ADDR: ${address} cannot be listened on: another program listens there\n`,
    );
  },
  TEST_MS,
);

test(
  'auctions that workers could not have archived are archived by the process that comes after',
  async () => {
    await using folder = await openFolder();
    const archived = async (url: string) =>
      (await get<TotalsBody>(`${url}/api/v1/stat?source=archive`)).body.total_auctions;
    nats.kill('SIGSTOP');
    {
      await using workers = await openWorkers(2, folder.path);
      const held = Array.from({ length: 40 }, () =>
        bid(workers.url, { supply_id: 'supply1', country: 'US' }),
      );
      const ends = (await Promise.all(held)).map(({ status }) => status);
      expect(ends).toEqual(Array.from({ length: 40 }, () => 200));
    }
    nats.kill('SIGCONT');
    await Bun.write(`${folder.path}/exchange-7.db`, 'this is no database');
    await using node = await openServer(settings, folder.path);
    await until('they are archived', async () => (await archived(node.url)) === 40);
  },
  TEST_MS,
);
