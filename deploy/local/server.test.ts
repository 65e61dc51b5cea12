/**
 * The servers of tests and `make cluster`: they start, keep their data, and leave nothing behind.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openNatsServer } from './nats.ts';
import { openPgBouncer } from './pgbouncer.ts';
import { openPostgres, openPostgresReplica } from './postgres.ts';
import { askRedis, openRedisServer } from './redis.ts';
import { openRedisCluster } from './redis-cluster.ts';
import { openRedisSentinels } from './redis-sentinel.ts';
import { until } from './until.ts';

/** A zombie process counts as ended. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function rowsOf(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('redis', () => {
  test('a killed server comes back on its port with what it acknowledged', async () => {
    await using redis = await openRedisServer();
    const { port, pid } = redis;
    await askRedis(port, 'SET', 'kept', 'yes');
    redis.kill('SIGKILL');
    expect(await redis.exited).toBe(137);
    await redis.restart();
    expect(await askRedis(port, 'GET', 'kept')).toBe('yes');
    expect({ port: redis.port, isSame: redis.pid === pid }).toEqual({ port, isSame: false });
  });

  test('a half-written script is not carried out, at no later start', async () => {
    await using redis = await openRedisServer();
    const { port, folder } = redis;
    const script = `for field = 1, 20 do redis.call('HINCRBY', 'hash', field, 1) end`;
    const file = join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof');
    await askRedis(port, 'SET', 'kept', 'yes');
    await askRedis(port, 'EVAL', script, '0');
    redis.kill('SIGKILL');
    await redis.exited;
    truncateSync(file, Math.round(statSync(file).size / 2));
    await redis.restart();
    expect(await askRedis(port, 'EXISTS', 'hash')).toBe('0');
    await askRedis(port, 'EVAL', script, '0');
    await redis.restart();
    expect(await askRedis(port, 'HVALS', 'hash')).toBe(Array(20).fill('1').join(','));
    expect(await askRedis(port, 'GET', 'kept')).toBe('yes');
  });

  test('every write is synced, and nothing is evicted', async () => {
    await using redis = await openRedisServer();
    expect(await askRedis(redis.port, 'CONFIG', 'GET', 'appendfsync')).toEndWith('always');
    expect(await askRedis(redis.port, 'CONFIG', 'GET', 'maxmemory-policy')).toEndWith('noeviction');
  });

  test('a server with a password starts', async () => {
    await using redis = await openRedisServer({ args: ['--requirepass', 'secret'] });
    await expect(askRedis(redis.port, 'GET', 'any')).rejects.toThrow('NOAUTH');
  });

  test('a server that is disposed of leaves no process and no folder', async () => {
    const redis = await openRedisServer();
    await redis[Symbol.asyncDispose]();
    expect([isRunning(redis.pid), existsSync(redis.folder)]).toEqual([false, false]);
  });

  test('a stopped process is disposed of like a running one', async () => {
    const redis = await openRedisServer();
    redis.kill('SIGSTOP');
    await redis[Symbol.asyncDispose]();
    expect(isRunning(redis.pid)).toBe(false);
  });

  test('a server that cannot start reports the end of its log', async () => {
    await using folders = new AsyncDisposableStack();
    const open = openRedisServer({ args: ['--no-such-setting', 'yes'] });
    await expect(open.then((redis) => folders.use(redis))).rejects.toThrow('Bad directive');
  });

  test('a given folder keeps its data and its port', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gavel-kept-'));
    const first = await openRedisServer({ folder });
    await askRedis(first.port, 'SET', 'kept', 'yes');
    await first[Symbol.asyncDispose]();
    const second = await openRedisServer({ folder });
    expect(second.port).toBe(first.port);
    expect(await askRedis(second.port, 'GET', 'kept')).toBe('yes');
    await second[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
});

test('a server ends with the process that started it, however that one ends', async () => {
  const script = `
    import { openRedisServer } from '${join(import.meta.dirname, 'redis.ts')}';
    const redis = await openRedisServer();
    console.log(redis.pid);
    process.kill(process.pid, 'SIGKILL');`;
  const owner = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' });
  const pid = Number(await owner.stdout.text());
  expect(pid).toBeGreaterThan(0);
  await until('the server has ended', async () => !isRunning(pid));
});

test('a Redis Cluster of three masters and three replicas takes a write anywhere', async () => {
  await using cluster = await openRedisCluster();
  const [first] = cluster.nodes;
  const nodes = await askRedis(first?.port ?? 0, 'CLUSTER', 'NODES');
  expect(nodes.match(/master -/g)).toHaveLength(3);
  expect(nodes.match(/slave [0-9a-f]/g)).toHaveLength(3);
  for (const address of cluster.addresses) expect(nodes).toContain(address);
}, 30_000);

test('sentinels promote the replica of a killed master', async () => {
  await using sentinels = await openRedisSentinels();
  const { master, replica, masterName } = sentinels;
  const [asked] = sentinels.sentinels;
  master.kill('SIGKILL');
  await until('the replica is the master', async () => {
    const where = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName] as const;
    return (await askRedis(asked?.port ?? 0, ...where)) === `127.0.0.1,${replica.port}`;
  });
}, 30_000);

test('nats keeps JetStream in its folder, also after a kill', async () => {
  await using nats = await openNatsServer();
  nats.kill('SIGKILL');
  await nats.restart();
  const page = await fetch(`${nats.monitorUrl}/jsz`);
  expect(await page.json()).toMatchObject({
    streams: 0,
    config: { store_dir: join(nats.folder, 'store/jetstream') },
  });
});

describe('postgres', () => {
  let servers: AsyncDisposableStack;
  let primary: Awaited<ReturnType<typeof openPostgres>>;
  beforeAll(async () => {
    servers = new AsyncDisposableStack();
    primary = servers.use(await openPostgres({ fsync: false }));
  });
  afterAll(() => servers.disposeAsync());

  test('a killed server comes back with what it committed', async () => {
    const url = await primary.createDatabase('kept');
    await rowsOf(url, 'create table kept as select 1 as answer');
    primary.kill('SIGKILL');
    await primary.restart();
    expect(await rowsOf(url, 'select answer from kept')).toEqual([{ answer: 1 }]);
  });

  test('a killed server is started again when its last session has ended', async () => {
    const client = new Client({ connectionString: primary.url });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const session = rows[0]?.pid ?? 0;
    // A busy session outlives its server; this one does so for as long as it stands still.
    process.kill(session, 'SIGSTOP');
    primary.kill('SIGKILL');
    let isBack = false;
    const restarted = primary.restart().then(() => {
      isBack = true;
    });
    await primary.exited;
    // Longer than a start without waiting takes: such a start fails.
    await Bun.sleep(300);
    expect(isBack).toBe(false);
    process.kill(session, 'SIGCONT');
    await restarted;
    expect(await rowsOf(primary.url, 'select 1 as it')).toEqual([{ it: 1 }]);
    await client.end();
  });

  test('a replica follows its primary and refuses writes', async () => {
    await using replica = await openPostgresReplica(primary, { fsync: false });
    await rowsOf(await primary.createDatabase('followed'), 'create table seen as select 2 as it');
    const url = replica.urlOf('followed');
    await until('the replica has the table', async () => {
      return Bun.deepEquals(await rowsOf(url, 'select it from seen'), [{ it: 2 }]);
    });
    await expect(rowsOf(url, 'drop table seen')).rejects.toThrow('read-only');
    await replica.restart();
    expect(await rowsOf(url, 'select it from seen')).toEqual([{ it: 2 }]);
  });

  test('PgBouncer lends its connections for a transaction', async () => {
    await using bouncer = await openPgBouncer(primary);
    await primary.createDatabase('lent');
    expect(await rowsOf(bouncer.urlOf('lent'), 'select 3 as it')).toEqual([{ it: 3 }]);
    const databases = await rowsOf(bouncer.urlOf('pgbouncer'), 'show config');
    expect(databases).toContainEqual(
      expect.objectContaining({ key: 'pool_mode', value: 'transaction' }),
    );
  });
});
