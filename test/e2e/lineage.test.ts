/** Files of a data folder that were brought back from different times: what is lost is told, never hidden. */
import { expect, test } from 'bun:test';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../deploy/local/until.ts';
import { get } from '../support/exchange-client.ts';
import { firstFrame } from '../support/one-frame.ts';
import {
  type Folder,
  openFolder,
  openServer,
  runGavel,
  type TestServer,
} from '../support/server.ts';

type HistoryBody = {
  readonly events: readonly { seq: number; epoch: string; amount?: number }[];
  readonly missing?: readonly number[];
  readonly next_after_seq: number | null;
};
type ItemBody = { readonly seq: number; readonly epoch: string; readonly current_bid: number };
type HealthBody = { readonly status: string; readonly degraded?: readonly string[] };

const ITEM = '/api/v1/items/lamp';

async function bid(url: string, ...amounts: number[]): Promise<void> {
  for (const amount of amounts) {
    const response = await fetch(`${url}${ITEM}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: `user${amount % 20}`, amount }),
    });
    expect(response.status).toBe(200);
  }
}

async function history(url: string, query = ''): Promise<HistoryBody> {
  return (await get<HistoryBody>(`${url}${ITEM}/bids?${query}`)).body;
}

const item = async (url: string) => (await get<ItemBody>(`${url}${ITEM}`)).body;
const health = async (url: string) => (await get<HealthBody>(`${url}/health`)).body;

/** Bids, and waits until all are in the archive. */
async function bidAndArchive(url: string, ...amounts: number[]): Promise<void> {
  await bid(url, ...amounts);
  const { seq } = await item(url);
  await until('all is archived', async () => (await history(url)).events.at(-1)?.seq === seq);
}

/** One life of a server on a folder, which ends in good order unless it is killed. */
async function serve(folder: Folder, act: (server: TestServer) => Promise<unknown>): Promise<void> {
  await using server = await openServer({ BIDS_PER_SECOND_PER_USER: '0' }, folder.path);
  await act(server);
}

async function copyFile(folder: Folder, name: string, to: string): Promise<void> {
  await mkdir(join(folder.path, to), { recursive: true });
  for (const file of (await readdir(folder.path)).filter((one) => one.startsWith(name))) {
    await cp(join(folder.path, file), join(folder.path, to, file));
  }
}

/** Puts a copy in the place of a file, with all that SQLite has beside it. */
async function bringBack(folder: Folder, name: string, from: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(join(folder.path, name + suffix), { force: true });
  }
  await cp(join(folder.path, from), folder.path, { recursive: true });
}

/** Bids up to 30, a copy of one file, and bids up to 60. */
async function openDivided(name: string, end: NodeJS.Signals = 'SIGTERM'): Promise<Folder> {
  const folder = await openFolder();
  await serve(folder, async ({ url }) => bidAndArchive(url, 10, 20, 30));
  await copyFile(folder, name, 'copy');
  await serve(folder, async (server) => {
    await bidAndArchive(server.url, 40, 50, 60);
    server.kill(end);
    await server.exited;
  });
  return folder;
}

const startFails = (folder: Folder) =>
  runGavel(['serve'], { dataDir: folder.path, settings: { SERVER_ADDR: '127.0.0.1:0' } });

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'an older live.db beside younger files begins a new epoch (after %s)',
  async (signal) => {
    await using folder = await openDivided('live.db', signal);
    await bringBack(folder, 'live.db', 'copy');
    await serve(folder, async ({ url, log }) => {
      const now = await item(url);
      expect(now).toMatchObject({ seq: 3, current_bid: 30 });
      expect(await health(url)).toMatchObject({ status: 'degraded', degraded: ['history'] });
      expect(log.join('\n')).toContain('live.db is older than the files beside it');
      await bidAndArchive(url, 35, 45);
      const { events, missing } = await history(url);
      expect(events.map(({ amount }) => amount)).toEqual([10, 20, 30, 35, 45]);
      expect(events.map(({ epoch }) => epoch)).toEqual(Array(5).fill(now.epoch));
      expect(missing).toBeUndefined();
    });
    await serve(folder, async ({ url }) => {
      expect(await health(url)).toMatchObject({ status: 'healthy' });
      expect((await history(url)).events).toHaveLength(5);
    });
  },
  60_000,
);

test('a viewer of what was lost is not told that it missed nothing', async () => {
  await using folder = await openFolder();
  await serve(folder, async ({ url }) => bidAndArchive(url, 10, 20, 30));
  await copyFile(folder, 'live.db', 'copy');
  let seen = { seq: 0, epoch: '' };
  await serve(folder, async ({ url }) => {
    await bidAndArchive(url, 40, 50);
    seen = await item(url);
    const resume = `item_id=lamp&since=4&epoch=${seen.epoch}`;
    expect(await firstFrame(url, resume)).toMatchObject({ recovered: true });
  });
  await bringBack(folder, 'live.db', 'copy');
  await serve(folder, async ({ url }) => {
    const resume = `item_id=lamp&since=${seen.seq}&epoch=${seen.epoch}`;
    expect(await firstFrame(url, resume)).toMatchObject({ recovered: false, seq: 3 });
    await bidAndArchive(url, 41, 51, 61);
    expect(await firstFrame(url, resume)).toMatchObject({ recovered: false, seq: 6 });
  });
}, 60_000);

test('an older archive.db has a hole that the history names and pages over', async () => {
  await using folder = await openDivided('archive.db');
  await bringBack(folder, 'archive.db', 'copy');
  await serve(folder, async ({ url }) => {
    expect(await history(url)).toMatchObject({
      events: { length: 3 },
      missing: [4, 5, 6],
      next_after_seq: null,
    });
    await bid(url, 70);
    await until('it is archived', async () => (await history(url)).events.length === 4);
    const { events, missing } = await history(url);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 7]);
    expect(missing).toEqual([4, 5, 6]);
    const pages: HistoryBody[] = [await history(url, 'limit=2')];
    for (let after = pages[0]?.next_after_seq ?? null; after !== null; ) {
      const page = await history(url, `limit=2&after_seq=${after}`);
      pages.push(page);
      after = page.next_after_seq;
    }
    expect(pages.flatMap((page) => page.events.map(({ seq }) => seq))).toEqual([1, 2, 3, 7]);
    expect(pages.flatMap((page) => page.missing ?? [])).toEqual([4, 5, 6]);
  });
}, 60_000);

test('an archive.db that is gone is told in health, and its events are missing', async () => {
  await using folder = await openFolder();
  await serve(folder, async ({ url }) => bidAndArchive(url, 10, 20));
  await rm(join(folder.path, 'archive.db'));
  await serve(folder, async ({ url }) => {
    expect(await health(url)).toMatchObject({ degraded: ['history'] });
    expect(await history(url)).toEqual({ events: [], missing: [1, 2], next_after_seq: null });
  });
}, 60_000);

test.each(['missing', 'empty'])(
  'a live.db that is %s is noticed',
  async (what) => {
    await using folder = await openFolder();
    await serve(folder, async ({ url }) => bidAndArchive(url, 10, 20));
    await rm(join(folder.path, 'live.db'));
    if (what === 'empty') await writeFile(join(folder.path, 'live.db'), '');
    for (const _start of [1, 2]) {
      const { code, err } = await startFails(folder);
      expect(code).toBe(1);
      expect(err).toMatch(/^error: live\.db holds no items, but .*archive\.db beside it .*\n$/);
    }
  },
  60_000,
);

test('a live.db of another folder is refused', async () => {
  await using folder = await openFolder();
  await using other = await openFolder();
  for (const one of [folder, other]) {
    await serve(one, async ({ url }) => bidAndArchive(url, 10, 20));
  }
  await cp(join(other.path, 'live.db'), join(folder.path, 'live.db'));
  const { code, err } = await startFails(folder);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^error: live\.db is not the one that .*archive\.db beside it come from: .*\n$/,
  );
}, 60_000);
