/** `gavel backup` while a server is under load, and `gavel restore` of what it wrote. */
import { expect, test } from 'bun:test';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../deploy/local/until.ts';
import { bid as auction, get, type TotalsBody } from '../support/exchange-client.ts';
import { firstFrame } from '../support/one-frame.ts';
import { type Folder, openFolder, openServer, runGavel } from '../support/server.ts';

const TEST_MS = 120_000;
const OPEN = { BIDS_PER_SECOND_PER_USER: '0', RATE_LIMIT_MAX_REQUESTS: '0' };
const ITEMS = ['lamp', 'vase', 'desk', 'rug'];
const FILES = ['archive.db', 'bus.db', 'exchange.db', 'gavel.db', 'live.db'];

type Acked = { readonly itemId: string; readonly bidId: string; readonly seq: number };
type ShownEvent = { readonly seq: number; readonly bid_id: string; readonly epoch: string };
type HistoryBody = {
  readonly events: readonly ShownEvent[];
  readonly missing?: readonly number[];
  readonly next_after_seq: number | null;
};
type ItemBody = { readonly seq: number; readonly epoch: string };

/** Bids without a pause on every item until it is ended. */
function bidAll(url: string) {
  const acked: Acked[] = [];
  let isOver = false;

  async function bidOn(itemId: string): Promise<void> {
    for (let amount = 1; !isOver; amount++) {
      const response = await fetch(`${url}/api/v1/items/${itemId}/bid`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: `user${amount % 3}`, amount }),
      });
      expect(response.status).toBe(200);
      const { bid_id: bidId, seq } = (await response.json()) as { bid_id: string; seq: number };
      acked.push({ itemId, bidId, seq });
    }
  }

  const over = Promise.all(ITEMS.map(bidOn));
  return {
    acked,
    end: async () => {
      isOver = true;
      await over;
    },
  };
}

async function wholeHistory(url: string, itemId: string) {
  const events: ShownEvent[] = [];
  const missing: number[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const path: string = `/api/v1/items/${itemId}/bids?limit=1000&after_seq=${after}`;
    const page: HistoryBody = (await get<HistoryBody>(`${url}${path}`)).body;
    events.push(...page.events);
    missing.push(...(page.missing ?? []));
    after = page.next_after_seq;
  }
  return { events, missing };
}

const run = (words: readonly string[], dataDir: string) => runGavel(words, { dataDir });

/** A server that has taken a few bids, and a backup of it. */
async function openBackedUp(): Promise<
  Folder & { readonly backup: string; readonly data: string }
> {
  const folder = await openFolder();
  const [data, backup] = [join(folder.path, 'data'), join(folder.path, 'backup')];
  await using server = await openServer(OPEN, data);
  await auction(server.url, { supply_id: 'supply1', country: 'US' });
  const bidding = bidAll(server.url);
  await until('there are bids', async () => bidding.acked.length > 20);
  await bidding.end();
  expect(await run(['backup', backup], data)).toMatchObject({ code: 0, err: '' });
  return { ...folder, data, backup };
}

test(
  'a backup under load holds every bid that was acknowledged before it, and can be served',
  async () => {
    await using folder = await openFolder();
    const backup = join(folder.path, 'backup');
    await using server = await openServer(OPEN, join(folder.path, 'data'));
    const bidding = bidAll(server.url);
    await until('there is a load', async () => bidding.acked.length > 500);
    const before = [...bidding.acked];
    const { code, out, err } = await run(['backup', backup], server.dataDir);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Backed up 5 files, \d+ bytes, as of \S+Z to \S+\/backup\.\n$/);
    await bidding.end();
    expect(bidding.acked.length).toBeGreaterThan(before.length);

    const data = join(folder.path, 'restored');
    expect(await run(['restore', backup], data)).toMatchObject({ code: 0, err: '' });
    await using next = await openServer(OPEN, data);
    expect((await get<{ status: string }>(`${next.url}/health`)).body.status).toBe('healthy');
    for (const itemId of ITEMS) {
      const item = (await get<ItemBody>(`${next.url}/api/v1/items/${itemId}`)).body;
      await until(`${itemId} is archived`, async () => {
        return (await wholeHistory(next.url, itemId)).events.length === item.seq;
      });
      const { events, missing } = await wholeHistory(next.url, itemId);
      expect(missing).toEqual([]);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      const ids = new Set(events.map(({ bid_id }) => bid_id));
      const lost = before.filter((one) => one.itemId === itemId && !ids.has(one.bidId));
      expect(lost).toEqual([]);
    }
  },
  TEST_MS,
);

test(
  'a restore begins a new epoch: who saw what was decided after the backup is told',
  async () => {
    await using folder = await openBackedUp();
    const { data, backup } = folder;
    let seen: ItemBody = { seq: 0, epoch: '' };
    {
      await using server = await openServer(OPEN, data);
      for (const amount of [5_000, 6_000]) {
        const body = JSON.stringify({ user_id: `user${amount}`, amount });
        const headers = { 'content-type': 'application/json' };
        await fetch(`${server.url}/api/v1/items/lamp/bid`, { method: 'POST', headers, body });
      }
      seen = (await get<ItemBody>(`${server.url}/api/v1/items/lamp`)).body;
      const held = await run(['restore', backup, '--force'], data);
      expect(held.code).toBe(1);
      expect(held.err).toMatch(/^error: \S+ is in use by process \d+ .*\n$/);
    }
    const refused = await run(['restore', backup], data);
    expect(refused).toMatchObject({
      code: 1,
      err: `error: ${data} holds data already: --force puts it aside\n`,
    });
    const { code, out } = await run(['restore', backup, '--force'], data);
    expect(code).toBe(0);
    const [, aside = ''] = /The files that were there are in (\S+)\.\n$/.exec(out) ?? [];
    expect((await readdir(aside)).filter((name) => name.endsWith('.db')).sort()).toEqual(FILES);

    await using next = await openServer(OPEN, data);
    const now = (await get<ItemBody>(`${next.url}/api/v1/items/lamp`)).body;
    expect(now.seq).toBe(seen.seq - 2);
    expect(now.epoch).not.toBe(seen.epoch);
    const resume = `item_id=lamp&since=${seen.seq}&epoch=${seen.epoch}`;
    expect(await firstFrame(next.url, resume)).toMatchObject({ recovered: false, seq: now.seq });
    expect((await get<TotalsBody>(`${next.url}/api/v1/stat`)).body.total_auctions).toBe(1);
  },
  TEST_MS,
);

test(
  'a backup says what it holds, for its owner alone, and goes into an empty folder only',
  async () => {
    await using folder = await openBackedUp();
    const { data, backup } = folder;
    const manifest = JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      format: 1,
      version: expect.any(String),
      time: expect.stringMatching(/Z$/),
      lineage: expect.stringMatching(/^lineage_/),
    });
    const names = manifest.files.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(FILES);
    for (const { name, bytes } of manifest.files) {
      const { size, mode } = await stat(join(backup, name));
      expect({ size, mode: mode & 0o777 }).toEqual({ size: bytes, mode: 0o600 });
    }
    expect((await stat(backup)).mode & 0o777).toBe(0o700);
    expect((await readdir(backup)).sort()).toEqual([...FILES, 'manifest.json']);
    expect(await run(['backup', backup], data)).toMatchObject({
      code: 1,
      err: `error: ${backup} is not empty: a backup goes into a folder of its own\n`,
    });
    const nothing = join(folder.path, 'nothing');
    expect(await run(['backup', join(folder.path, 'other')], nothing)).toMatchObject({ code: 1 });
  },
  TEST_MS,
);

test(
  'a backup that is not whole is refused and changes nothing',
  async () => {
    await using folder = await openBackedUp();
    const { backup } = folder;
    const target = join(folder.path, 'target');
    const refusal = async () => (await run(['restore', backup], target)).err;
    const path = join(backup, 'archive.db');
    const bytes = await readFile(path);
    const spoilt = Buffer.from(bytes);
    spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
    await writeFile(path, spoilt);
    expect(await refusal()).toBe(
      `error: ${path} is not as it was backed up: its checksum is another\n`,
    );
    await rm(path);
    expect(await refusal()).toStartWith(`error: ${path} of the backup cannot be read: `);
    await writeFile(path, bytes);
    const manifest = join(backup, 'manifest.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"archive.db"', '"../archive.db"'));
    expect(await refusal()).toBe(`error: ${manifest} is not a manifest that this program knows\n`);
    await rm(manifest);
    expect(await refusal()).toStartWith(`error: ${backup} holds no whole backup: `);
    expect(await readdir(target).catch(() => [])).toEqual([]);
  },
  TEST_MS,
);
