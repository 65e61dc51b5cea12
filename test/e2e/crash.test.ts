/**
 * A killed server loses nothing that it acknowledged: no bid, no order, no end of an item.
 *
 * The real server is killed with SIGKILL under load, again and again on one data folder. A bid whose
 * answer was lost on the way may be there or not, but never twice.
 */
import { expect, test } from 'bun:test';
import { until } from '../../deploy/local/until.ts';
import { createRandom } from '../../src/core/random.ts';
import { openAuctionLoad } from '../support/auction-load.ts';
import { gatherHistory, proveLoad, serveWhole, summaryOf } from '../support/auction-proof.ts';
import { ADMIN_KEY, createItem, readHistory, showItem } from '../support/bid-client.ts';
import { openFolder, openServer } from '../support/server.ts';
import { acceptedBidIds, judge } from '../support/verdict.ts';

const SETTINGS = { ADMIN_KEY, BIDS_PER_SECOND_PER_USER: '0', LOG_LEVEL: 'info' };
const SEED = 20_261_121;
const KILLS = 24;
const BIDDERS = 48;
/** Enough for every item to have many, also for the one that ends soon. */
const BEFORE_FIRST_KILL = 400;
const BEFORE_KILL = 30;
const TEST_MS = 120_000;

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

function itemBodies() {
  return [
    { id: 'hot', start_price: 1 },
    { id: 'masterpiece', start_price: 100, reserve_price: 110 },
    { id: 'later', start_price: 1, opens_at: inMs(1_500) },
    {
      id: 'ending',
      start_price: 5,
      ends_at: inMs(4_000),
      soft_close: { window_seconds: 1, extend_seconds: 1, absolute_end: inMs(6_000) },
    },
  ];
}

test(
  `after ${KILLS} kills under load every acknowledged bid is there, once and in order`,
  async () => {
    await using folder = await openFolder();
    const random = createRandom(SEED);
    await using servers = new AsyncDisposableStack();
    const start = async () => servers.use(await openServer(SETTINGS, folder.path));
    let server = await start();
    const load = await openAuctionLoad(server.url, {
      seed: SEED,
      bidders: BIDDERS,
      bodies: itemBodies(),
    });
    for (let kill = 1; kill <= KILLS; kill++) {
      const bidding = load.bidOn(server.url);
      if (kill === 1) await bidding.answered('accepted', BEFORE_FIRST_KILL);
      else if (kill % 4 !== 0) await bidding.answered('accepted', BEFORE_KILL);
      // At another moment each time; some still carry what the one before left behind.
      await Bun.sleep(random.integer(0, kill % 4 === 0 ? 30 : 200));
      server.kill('SIGKILL');
      await Promise.all([bidding.over, server.exited]);
      server = await start();
    }
    const last = server;
    const bidding = load.bidOn(last.url);
    await bidding.answered('accepted', BIDDERS);
    await bidding.stop();
    const served = await Promise.all(load.items.map((item) => serveWhole(last.url, item)));
    last.kill('SIGTERM');
    expect(await last.exited).toBe(0);

    await proveLoad(load, served, folder.path);
    process.stdout.write(summaryOf(load, KILLS));
    const accepted = load.items.map(({ recorder }) => acceptedBidIds(recorder.operations()).size);
    for (const count of accepted) expect(count).toBeGreaterThan(KILLS);
    expect(served[0]?.events.some(({ by_proxy }) => by_proxy === true)).toBe(true);
    expect(served[3]?.shown).toMatchObject({ status: 'ended', outcome: 'sold' });
  },
  TEST_MS,
);

test('one acknowledged bid taken out of the log would be seen', async () => {
  await using folder = await openFolder();
  await using server = await openServer(SETTINGS, folder.path);
  const bodies = [{ id: 'hot', start_price: 1 }];
  const load = await openAuctionLoad(server.url, { seed: 1, bidders: 8, bodies });
  const bidding = load.bidOn(server.url);
  await bidding.answered('accepted', 50);
  await bidding.stop();
  const [item] = load.items;
  if (item === undefined) throw new Error('a load without items');
  await serveWhole(server.url, item);
  server.kill('SIGTERM');
  await server.exited;

  const history = await gatherHistory(item, folder.path);
  expect(judge(history)).toEqual([]);
  const acknowledged = acceptedBidIds(history.operations);
  const lost = history.log.findLast(
    (event) => event.type === 'bid' && acknowledged.has(event.bidId),
  );
  const shortened = { ...history, log: history.log.filter((event) => event !== lost) };
  expect(judge(shortened).map(({ kind }) => kind)).toContain('accepted-missing');
});

test('what fell due while the server was down is closed once, at the restart', async () => {
  await using folder = await openFolder();
  const itemIds = ['due1', 'due2', 'due3'];
  let endsAtMs = 0;
  {
    await using first = await openServer(SETTINGS, folder.path);
    endsAtMs = Date.now() + 1_500;
    const ends_at = new Date(endsAtMs).toISOString();
    for (const id of itemIds) await createItem(first.url, { id, ends_at });
    first.kill('SIGKILL');
    await first.exited;
  }
  // The items fall due by the clock of the machine.
  await Bun.sleep(endsAtMs - Date.now());

  const restartedMs = Date.now();
  const closes = async (url: string) => {
    const histories = await Promise.all(itemIds.map((id) => readHistory(url, id)));
    return histories.flat();
  };
  {
    await using second = await openServer(SETTINGS, folder.path);
    await until('all are closed', async () => {
      return (await closes(second.url)).length === itemIds.length;
    });
    second.kill('SIGKILL');
    await second.exited;
  }
  await using third = await openServer(SETTINGS, folder.path);
  const events = await closes(third.url);
  expect(events.map(({ type, seq }) => [type, seq])).toEqual(itemIds.map(() => ['close', 1]));
  for (const { timestamp } of events) {
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(restartedMs);
  }
  for (const id of itemIds) {
    expect(await showItem(third.url, id)).toMatchObject({
      status: 'ended',
      outcome: 'passed',
      seq: 1,
    });
  }
});
