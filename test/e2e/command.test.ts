/** What `gavel` does with the world around it: its folder, its output, its port, the server it asks. */
import { expect, test } from 'bun:test';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../deploy/local/free-port.ts';
import { GAVEL, loadCatalog, openFolder, openServer, runGavel } from '../support/server.ts';

const BIN = join(import.meta.dirname, '../../bin/gavel');
const TEST_MS = 30_000;

/** A folder whose code writes `ran.txt` when a program obeys it. */
async function openHostileFolder() {
  const folder = await openFolder();
  const ran = join(folder.path, 'ran.txt');
  const write = (name: string, text: string) => writeFile(join(folder.path, name), text);
  await write('evil.ts', `require('node:fs').writeFileSync(${JSON.stringify(ran)}, '')`);
  const preload = `preload = [${JSON.stringify(join(folder.path, 'evil.ts'))}]\n`;
  await write('bunfig.toml', `${preload}[test]\n${preload}`);
  for (const name of ['.env', '.env.local', '.env.production', '.env.development']) {
    await write(name, 'SEED=77\nSERVER_ADDR=203.0.113.9:1\nREDIS_ADDR=203.0.113.9:1\n');
  }
  await write('tsconfig.json', '{"compilerOptions":{"paths":{"commander":["./evil.ts"]}}}');
  await mkdir(join(folder.path, 'node_modules/commander'), { recursive: true });
  await write('node_modules/commander/index.js', `import '../../evil.ts'`);
  return { folder, hasRun: () => existsSync(ran) };
}

test('the folder that gavel is started in is not obeyed', async () => {
  const { folder, hasRun } = await openHostileFolder();
  await using _folder = folder;
  const child = Bun.spawn([BIN, 'config'], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] },
    stdout: 'pipe',
  });
  const out = await child.stdout.text();
  expect(await child.exited).toBe(0);
  expect(out).toContain('SERVER_ADDR=:8080 ');
  expect(out).not.toContain('77');
  expect(out).not.toContain('203.0.113.9');
  expect(hasRun()).toBe(false);
});

test(
  'a worker obeys no more of the folder than its parent',
  async () => {
    const { folder, hasRun } = await openHostileFolder();
    await using _folder = folder;
    // All three are away: the workers start all the same, and have read what they obey.
    const away = '127.0.0.1:1';
    const parent = Bun.spawn([BIN, 'serve', '--workers', '2'], {
      cwd: folder.path,
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: join(folder.path, 'store'),
        SERVER_ADDR: `127.0.0.1:${await freePort()}`,
        REDIS_ADDR: away,
        NATS_URL: `nats://${away}`,
        POSTGRES_URL: `postgres://${away}/x`,
        LOG_FORMAT: 'json',
      },
      stdout: 'pipe',
    });
    let log = '';
    for await (const chunk of parent.stdout) {
      log += new TextDecoder().decode(chunk);
      if (log.includes('"msg":"serving"') || log.includes('Redis is away')) break;
    }
    parent.kill('SIGTERM');
    await parent.exited;
    expect(hasRun()).toBe(false);
  },
  TEST_MS,
);

test(
  'a node whose log is not read any more serves on and stops in good order',
  async () => {
    await using folder = await openFolder();
    const child = Bun.spawn([process.execPath, GAVEL, 'serve'], {
      env: {
        DATA_DIR: folder.path,
        SERVER_ADDR: '127.0.0.1:0',
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'trace',
      },
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const reader = child.stdout.getReader();
    let log = '';
    while (!log.includes('"serving"')) log += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    const url = /"url":"([^"]+)"/.exec(log)?.[1] ?? '';
    const supplies = async () => (await fetch(`${url}/supplies`)).json();
    // The node logs that it follows the new catalogue, and nobody reads it.
    await loadCatalog(folder.path, { supplies: { only: [] }, bidders: {} });
    while (!Bun.deepEquals(await supplies(), [{ id: 'only' }])) await Bun.sleep(50);
    child.kill('SIGTERM');
    expect(await child.exited).toBe(0);
    expect(await child.stderr.text()).toBe('');
    // A whole stop leaves its files without a log to recover.
    expect((await readdir(folder.path)).filter((name) => name.endsWith('-wal'))).toEqual([]);
  },
  TEST_MS,
);

test(
  'a node whose log has no room serves',
  async () => {
    await using folder = await openFolder();
    const full = openSync('/dev/full', 'w');
    const port = await freePort();
    const child = Bun.spawn([process.execPath, GAVEL, 'serve'], {
      env: { DATA_DIR: folder.path, SERVER_ADDR: `127.0.0.1:${port}`, LOG_FORMAT: 'json' },
      stdout: full,
      stderr: 'pipe',
    });
    closeSync(full);
    let isUp = false;
    while (!isUp && child.exitCode === null) {
      const reply = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => null);
      isUp = reply?.status === 200;
    }
    expect(isUp).toBe(true);
    child.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  },
  TEST_MS,
);

test(
  'a port that is taken is named before anything is written',
  async () => {
    await using folder = await openFolder();
    await using other = await openServer();
    const address = new URL(other.url).host;
    const dataDir = join(folder.path, 'new');
    const { code, out, err } = await runGavel(['serve'], {
      dataDir,
      settings: { SERVER_ADDR: address },
    });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: `error: SERVER_ADDR: ${address} cannot be listened on: another program listens there\n`,
    });
    expect(existsSync(dataDir)).toBe(false);
  },
  TEST_MS,
);

test(
  'gavel watch ends with one sentence and 1 when nobody is there to watch',
  async () => {
    await using folder = await openFolder();
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, out, err } = await runGavel(['watch', 'item_1', '--url', url], {
      dataDir: folder.path,
    });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: `error: cannot watch item_1 at ${url}: the server cannot be reached (ECONNREFUSED)\n`,
    });
  },
  TEST_MS,
);
