/** One folder, one owner: a second start is refused, and what may run beside a server does. */
import { expect, test } from 'bun:test';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bid, get } from '../support/exchange-client.ts';
import { loadCatalog, openFolder, openServer, runGavel, type Settings } from '../support/server.ts';

const ONE_SUPPLY = { supplies: { only: ['acme'] }, bidders: { acme: {} } };
const REFUSAL =
  /^error: (\S+) is in use by process (\d+) \((\S+), since (\S+Z)\): stop it first, or set another DATA_DIR\n$/;

async function contentOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  const sizes = names.map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`);
  return Promise.all(sizes);
}

async function startAgain(dataDir: string, settings: Settings = {}) {
  const { code, out, err } = await runGavel(['serve'], {
    dataDir,
    settings: { SERVER_ADDR: '127.0.0.1:0', ...settings },
  });
  return { code, out, err };
}

test('a second start in a folder ends with a sentence that names folder and holder', async () => {
  await using folder = await openFolder();
  await using server = await openServer({}, folder.path);
  await bid(server.url, { supply_id: 'supply1', country: 'US' });
  const before = await contentOf(folder.path);
  const { code, out, err } = await startAgain(folder.path);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  const [, path, pid, address, since = ''] = REFUSAL.exec(err) ?? [];
  expect({ path, pid, address }).toEqual({
    path: folder.path,
    pid: String(server.pid),
    address: server.url,
  });
  expect(Date.parse(since)).toBeWithin(Date.now() - 60_000, Date.now());
  // The server itself may have committed meanwhile: no file came or went.
  expect((await contentOf(folder.path)).length).toBe(before.length);
  expect((await get(`${server.url}/health`)).status).toBe(200);
});

test('another spelling of the folder is the same folder', async () => {
  await using folder = await openFolder();
  await using _server = await openServer({}, folder.path);
  const { code, err } = await startAgain(`${folder.path}/../${folder.path.split('/').at(-1)}`);
  expect({ code, isNamed: err.includes('is in use by process') }).toEqual({
    code: 1,
    isNamed: true,
  });
});

test('a folder whose owner was killed is free at once', async () => {
  await using folder = await openFolder();
  await using server = await openServer({}, folder.path);
  server.kill('SIGKILL');
  await server.exited;
  await using next = await openServer({}, folder.path);
  expect((await get(`${next.url}/health`)).status).toBe(200);
});

test('load-data and migrate work beside a server', async () => {
  await using folder = await openFolder();
  await using _server = await openServer({}, folder.path);
  expect(await loadCatalog(folder.path, ONE_SUPPLY)).toMatchObject({ code: 0, err: '' });
  for (const words of [['down', '--yes'], ['up'], ['current']]) {
    const { code, err } = await runGavel(['migrate', ...words], { dataDir: folder.path });
    expect({ code, err }).toEqual({ code: 0, err: '' });
  }
});

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function modesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name !== 'catalog.json');
  expect(names.length).toBeGreaterThan(5);
  return [...new Set(await Promise.all(names.map((name) => modeOf(join(folder, name)))))];
}

test('the folder and its files are for their owner alone', async () => {
  await using folder = await openFolder();
  const dataDir = join(folder.path, 'deep', 'data');
  await using server = await openServer({}, dataDir);
  await bid(server.url, { supply_id: 'supply1', country: 'US' });
  await get(`${server.url}/api/v1/items/lamp`);
  expect(await modeOf(dataDir)).toBe('700');
  expect(await modesIn(dataDir)).toEqual(['600']);
});

test('what an earlier version left open is shut, and a folder with other files is left alone', async () => {
  await using folder = await openFolder();
  const shared = join(folder.path, 'shared');
  for (const [name, file] of [
    ['old', 'live.db'],
    ['shared', 'a-page.html'],
  ] as const) {
    await mkdir(join(folder.path, name), { mode: 0o755 });
    await chmod(join(folder.path, name), 0o755);
    await writeFile(join(folder.path, name, file), '', { mode: 0o644 });
    await using _server = await openServer({}, join(folder.path, name));
  }
  expect(await modeOf(join(folder.path, 'old'))).toBe('700');
  expect(await modeOf(join(folder.path, 'old', 'live.db'))).toBe('600');
  expect(await modeOf(shared)).toBe('755');
  expect(await modeOf(join(shared, 'live.db'))).toBe('600');
});
