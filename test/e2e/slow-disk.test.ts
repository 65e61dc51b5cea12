/**
 * On a slow, a full and a failing disk nothing is acknowledged that is not kept.
 *
 * The real server runs with a shim before libc that delays its fsync calls, or fails its writes while
 * a file is there: the program is the same to the last byte, only its disk is worse.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../deploy/local/until.ts';
import { toMicros } from '../../src/core/money.ts';
import { createRandom } from '../../src/core/random.ts';
import { type AuctionLoad, openAuctionLoad } from '../support/auction-load.ts';
import { proveLoad, serveWhole, summaryOf } from '../support/auction-proof.ts';
import { ADMIN_KEY, placeBid, postBid, readHistory, showItem } from '../support/bid-client.ts';
import { type Folder, openFolder, openServer, type TestServer } from '../support/server.ts';
import { compileSlowDisk } from '../support/slow-disk.ts';
import { acceptedBidIds } from '../support/verdict.ts';

const OPEN = { ADMIN_KEY, BIDS_PER_SECOND_PER_USER: '0' };
const SEED = 5;
const KILLS = 6;
const BIDDERS = 16;
const SLOW_FSYNC_MS = 40;
const TEST_MS = 120_000;

const BODIES = [
  { id: 'hot', start_price: 1 },
  { id: 'other', start_price: 20 },
];

let tools: Folder;
let shim: { readonly LD_PRELOAD: string };

beforeAll(async () => {
  tools = await openFolder();
  shim = await compileSlowDisk(tools.path);
}, TEST_MS);

afterAll(() => tools[Symbol.asyncDispose]());

function bidOf(userId: string, units: number) {
  const amountMicros = toMicros(units * 1_000_000);
  return { userId, amountMicros, maxMicros: null, buyNow: false, idempotencyKey: null };
}

/** Waits for the archive, stops the server and proves what it left. */
async function stopAndProve(server: TestServer, load: AuctionLoad): Promise<void> {
  const served = await Promise.all(load.items.map((item) => serveWhole(server.url, item)));
  server.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  await proveLoad(load, served, server.dataDir);
}

const acceptedCount = ({ items }: AuctionLoad): number =>
  acceptedBidIds(items.flatMap(({ recorder }) => recorder.operations())).size;

describe('a slow disk', () => {
  const slow = () => ({ ...OPEN, ...shim, SLOW_FSYNC_MS: String(SLOW_FSYNC_MS) });

  test('holds up every answer until the bid is on it', async () => {
    await using folder = await openFolder();
    const count = join(tools.path, 'fsync-count');
    const settings = { ...slow(), SLOW_FSYNC_COUNT: count };
    await using server = await openServer(settings, folder.path);
    await showItem(server.url, 'lamp');
    for (const units of [1, 2, 3, 4, 5]) {
      const { size: before } = await stat(count);
      const startedMs = performance.now();
      expect(await placeBid(server.url, 'lamp', bidOf('ann', units))).toMatchObject({
        kind: 'accepted',
      });
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(SLOW_FSYNC_MS);
      expect((await stat(count)).size).toBeGreaterThan(before);
    }
  });

  test(
    `loses nothing acknowledged in ${KILLS} kills`,
    async () => {
      await using folder = await openFolder();
      const random = createRandom(SEED);
      await using servers = new AsyncDisposableStack();
      const start = async () => servers.use(await openServer(slow(), folder.path));
      let server = await start();
      const load = await openAuctionLoad(server.url, { seed: SEED, bidders: 32, bodies: BODIES });
      for (let kill = 1; kill <= KILLS; kill++) {
        const bidding = load.bidOn(server.url);
        // At another moment each time.
        await Bun.sleep(random.integer(200, 600));
        server.kill('SIGKILL');
        await Promise.all([bidding.over, server.exited]);
        server = await start();
      }
      await stopAndProve(server, load);
      process.stdout.write(`slow disk: ${summaryOf(load, KILLS)}`);
      expect(acceptedCount(load)).toBeGreaterThan(KILLS);
    },
    TEST_MS,
  );
});

describe.each([
  ['full', 'FULL_DISK_FLAG'],
  ['failing', 'FAILING_FSYNC_FLAG'],
])('a %s disk', (name, variable) => {
  test('decides nothing, goes on showing, and recovers when it is well again', async () => {
    await using folder = await openFolder();
    const flag = join(tools.path, name);
    await using server = await openServer({ ...OPEN, ...shim, [variable]: flag }, folder.path);
    const { url } = server;
    await showItem(url, 'lamp');
    expect(await placeBid(url, 'lamp', bidOf('ann', 10))).toMatchObject({ kind: 'accepted' });
    await writeFile(flag, '');
    for (const units of [11, 12]) {
      const refused = await postBid(url, 'lamp', bidOf('ben', units));
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({ error: 'not_decided' });
      const lamp = { seq: 1, current_bid: 10, highest_bidder_id: 'ann' };
      expect(await showItem(url, 'lamp')).toMatchObject(lamp);
    }
    await rm(flag);
    const recovered = await placeBid(url, 'lamp', bidOf('cid', 13));
    expect(recovered).toMatchObject({ kind: 'accepted', seq: 2 });
    await until('both are archived', async () => (await readHistory(url, 'lamp')).length === 2);
  });

  test(
    'in the middle of a load, and then killed, costs nothing acknowledged',
    async () => {
      await using folder = await openFolder();
      const flag = join(tools.path, `${name}-load`);
      const settings = { ...OPEN, ...shim, [variable]: flag };
      await using servers = new AsyncDisposableStack();
      const start = async () => servers.use(await openServer(settings, folder.path));
      let server = await start();
      const load = await openAuctionLoad(server.url, {
        seed: SEED,
        bidders: BIDDERS,
        bodies: BODIES,
      });
      for (let round = 1; round <= 4; round++) {
        const before = acceptedCount(load);
        const bidding = load.bidOn(server.url);
        // More than the bidders may have sent again of what was accepted before.
        await bidding.answered('accepted', 3 * BIDDERS);
        await writeFile(flag, '');
        await bidding.answered('unknown', 1);
        // Half of them die of it.
        if (round % 2 === 0) server.kill('SIGKILL');
        await rm(flag);
        if (round % 2 !== 0) await bidding.answered('accepted', 1);
        server.kill('SIGKILL');
        await Promise.all([bidding.over, server.exited]);
        expect(acceptedCount(load)).toBeGreaterThan(before);
        server = await start();
      }
      await stopAndProve(server, load);
    },
    TEST_MS,
  );
});
