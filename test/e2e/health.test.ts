/** Health names what a node cannot do, also while nobody asks for it. */
import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../deploy/local/until.ts';
import { bid, get } from '../support/exchange-client.ts';
import {
  type Folder,
  loadCatalog,
  openFolder,
  openServer,
  runGavel,
  type TestServer,
} from '../support/server.ts';
import { compileSlowDisk } from '../support/slow-disk.ts';

const TEST_MS = 120_000;

let tools: Folder;
let shim: { readonly LD_PRELOAD: string };

beforeAll(async () => {
  tools = await openFolder();
  shim = await compileSlowDisk(tools.path);
}, TEST_MS);

afterAll(() => tools[Symbol.asyncDispose]());

async function degraded({ url }: TestServer): Promise<readonly string[]> {
  const { body } = await get<{ status: string; degraded?: string[] }>(`${url}/health`);
  expect(body.status).toBe(body.degraded === undefined ? 'healthy' : 'degraded');
  return body.degraded ?? [];
}

const becomes = (server: TestServer, names: readonly string[]) =>
  until(`health names ${names.join(', ')}`, async () => {
    const found = await degraded(server);
    return names.length === 0 ? found.length === 0 : names.every((name) => found.includes(name));
  });

function postBid({ url }: TestServer, amount: number): Promise<Response> {
  return fetch(`${url}/api/v1/items/lamp/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: `user${amount}`, amount }),
  });
}

describe.each([
  ['full', 'FULL_DISK_FLAG'],
  ['failing', 'FAILING_FSYNC_FLAG'],
])('a %s disk', (name, variable) => {
  test.each(['after bids', 'while nobody writes'])(
    'is told %s, and that it is well again',
    async (when) => {
      const flag = join(tools.path, `${name}-${when.replaceAll(' ', '-')}`);
      await using server = await openServer({ ...shim, [variable]: flag });
      expect(await degraded(server)).toEqual([]);
      await writeFile(flag, '');
      if (when === 'after bids') {
        expect((await postBid(server, 10)).status).toBe(503);
        expect(await degraded(server)).toContain('book');
        await bid(server.url, { supply_id: 'supply1', country: 'US' });
      }
      await becomes(server, ['book', 'spool', 'events']);
      await rm(flag);
      await becomes(server, []);
      expect((await postBid(server, 11)).status).toBe(200);
    },
    TEST_MS,
  );
});

function alter({ dataDir }: TestServer, file: string, statement: string): void {
  using database = new Database(join(dataDir, file), { readwrite: true });
  database.run('PRAGMA busy_timeout = 5000');
  database.run(statement);
}

test.each(['archive_event', 'archive_epoch'])(
  'a table of the archive that is gone is told: %s',
  async (table) => {
    await using server = await openServer();
    expect(await degraded(server)).toEqual([]);
    alter(server, 'archive.db', `alter table ${table} rename to away`);
    await becomes(server, ['archive']);
    expect((await postBid(server, 10)).status).toBe(200);
    await becomes(server, ['archive', 'events']);
    const history = await get<{ error: string }>(`${server.url}/api/v1/items/lamp/bids`);
    if (table === 'archive_event') {
      expect(history).toMatchObject({ status: 503, body: { error: 'archive_unavailable' } });
    }
    alter(server, 'archive.db', `alter table away rename to ${table}`);
    await becomes(server, []);
  },
  TEST_MS,
);

test(
  'a relay that cannot carry is told',
  async () => {
    await using server = await openServer();
    alter(server, 'bus.db', 'alter table bus_batch rename to away');
    expect((await postBid(server, 10)).status).toBe(200);
    await becomes(server, ['relay', 'events']);
    alter(server, 'bus.db', 'alter table away rename to bus_batch');
    await becomes(server, []);
  },
  TEST_MS,
);

test.each(['supply', 'bidder', 'supply_bidder', 'catalog_version'])(
  'a table of the catalogue that is gone is told: %s',
  async (table) => {
    await using server = await openServer();
    expect(await degraded(server)).toEqual([]);
    alter(server, 'gavel.db', `alter table ${table} rename to away`);
    await becomes(server, ['catalogue']);
    alter(server, 'gavel.db', `alter table away rename to ${table}`);
    await becomes(server, []);
  },
  TEST_MS,
);

test(
  'a catalogue that was migrated down and loaded again is noticed, under a new version',
  async () => {
    await using server = await openServer();
    const { dataDir, url } = server;
    const catalog = (name: string) => ({ supplies: { [name]: ['acme'] }, bidders: { acme: {} } });
    expect((await loadCatalog(dataDir, catalog('before'))).out).toEndWith('as version 2.\n');
    const supplies = async () => JSON.stringify((await get(`${url}/supplies`)).body);
    await until('it is served', async () => (await supplies()).includes('before'));
    const undone = await runGavel(['migrate', 'to', 'base', '--yes'], { dataDir });
    expect(undone.code).toBe(0);
    expect((await loadCatalog(dataDir, catalog('after'))).out).toEndWith('as version 3.\n');
    await until('the other is served', async () => (await supplies()).includes('after'));
    await becomes(server, []);
  },
  TEST_MS,
);
