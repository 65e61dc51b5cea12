/**
 * Stopping and starting again: what a signal may cost and what it may not.
 *
 * A stop by SIGTERM or SIGINT costs nothing that was answered. A kill may cost what was answered in
 * the last `SPOOL_COMMIT_MS`, and nothing is counted twice.
 */
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { SPOOL_COMMIT_MS } from '../../src/exchange/port/spool.ts';
import {
  type AuctionBody,
  bid,
  bidBatch,
  get,
  type StatBody,
  sum,
  type TotalsBody,
} from '../support/exchange-client.ts';
import { isLostConnection } from '../support/lost-connection.ts';
import {
  type Folder,
  openFolder,
  openServer,
  runGavel,
  type TestServer,
} from '../support/server.ts';

const OPEN = { RATE_LIMIT_MAX_REQUESTS: '0' };
const CLIENTS = 8;
const KILLS = 4;
/** Two starts a kill, on a machine that may be busy. */
const KILLS_MS = 60_000;
const STARTS = 3;
const NS_PER_MS = 1_000_000;
/** Between the moment that an answer is made and the moment that a busy client has read it. */
const CLIENT_SLACK_MS = 50;

type Answered = { readonly auctionId: string; readonly revenue: number; readonly atMs: number };

type Load = {
  readonly answered: Answered[];
  /** Requests that were sent and got no answer. */
  unanswered(): number;
  /** Resolves when so many answers are there. */
  reached(count: number): Promise<void>;
  /** Resolves when every client has met a closed server. */
  readonly over: Promise<unknown>;
};

/** Clients that hold auctions of both kinds one after another until the server is gone. */
function loadUntilGone({ url }: TestServer, pauseMs = 0): Load {
  const answered: Answered[] = [];
  let unanswered = 0;
  let wanted = Number.POSITIVE_INFINITY;
  const { promise: enough, resolve } = Promise.withResolvers<void>();

  async function holdOne(round: number): Promise<void> {
    const reply =
      round % 2 === 0
        ? await bid(url, { supply_id: `supply${1 + (round % 10)}`, country: 'US' })
        : await bidBatch(url);
    expect(reply.status).toBe(200);
    const { body } = reply;
    const revenue = 'price' in body ? (body.price ?? 0) : body.total_revenue;
    answered.push({ auctionId: body.auction_id, revenue, atMs: performance.now() });
    if (answered.length >= wanted) resolve();
  }

  async function client(index: number): Promise<void> {
    for (let round = index; ; round++) {
      try {
        await holdOne(round);
        // Little traffic is a pace: there is nothing to wait for.
        if (pauseMs > 0) await Bun.sleep(pauseMs);
      } catch (error) {
        if (!isLostConnection(error)) throw error;
        unanswered++;
        return;
      }
    }
  }

  return {
    answered,
    unanswered: () => unanswered,
    reached: (count) => {
      wanted = count;
      return enough;
    },
    over: Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index))),
  };
}

async function counted({ url }: TestServer) {
  const { body: totals } = await get<TotalsBody>(`${url}/api/v1/stat`);
  const { body: supplies } = await get<StatBody>(`${url}/stat`);
  return {
    auctions: totals.total_auctions,
    revenue: totals.total_revenue,
    requests: sum(Object.values(supplies).map(({ total_reqs }) => total_reqs)),
  };
}

async function loadThenStop(folder: Folder, signal: NodeJS.Signals) {
  await using server = await openServer(OPEN, folder.path);
  const load = loadUntilGone(server);
  await load.reached(300);
  server.kill(signal);
  expect(await server.exited).toBe(0);
  await load.over;
  return load.answered;
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('under load ends with 0, and the next start counts exactly what was answered', async () => {
    await using folder = await openFolder();
    const answered = await loadThenStop(folder, signal);
    await using next = await openServer(OPEN, folder.path);
    const revenue = sum(answered.map((one) => one.revenue));
    const auctions = answered.length;
    expect(await counted(next)).toEqual({ auctions, revenue, requests: auctions });
  });

  test('waits for every request in flight and answers it', async () => {
    await using folder = await openFolder();
    await using server = await openServer({ ...OPEN, SIMULATED_LATENCY: 'real' }, folder.path);
    const body = { supply_id: 'supply1', country: 'US', tmax: 600 };
    const inFlight = Array.from({ length: 20 }, () => bid(server.url, body));
    // They are under way once the server has answered something that came well after them: what it
    // has not answered yet it shows nobody.
    await Promise.race([...inFlight, Bun.sleep(100).then(() => get(`${server.url}/health`))]);
    server.kill(signal);
    const replies = await Promise.all(inFlight);
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await server.exited).toBe(0);
    await using next = await openServer(OPEN, folder.path);
    expect(await counted(next)).toMatchObject({ auctions: 20, requests: 20 });
  });

  test('a second time ends at once, without waiting', async () => {
    await using server = await openServer({ ...OPEN, SIMULATED_LATENCY: 'real' });
    const body = { supply_id: 'supply1', country: 'US', tmax: 10_000 };
    const inFlight = bid(server.url, body).catch((error) => error);
    await Promise.race([inFlight, Bun.sleep(100).then(() => get(`${server.url}/health`))]);
    server.kill(signal);
    await server.logs('stopping');
    const startedMs = performance.now();
    server.kill(signal);
    expect(await server.exited).toBe(130);
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(await inFlight).toBeInstanceOf(Error);
  });
});

describe('kill -9', () => {
  test(
    'costs at most the last group commit, and nothing is counted twice',
    async () => {
      await using folder = await openFolder();
      let floor = 0;
      let ceiling = 0;
      for (let kill = 1; kill <= KILLS; kill++) {
        await using server = await openServer(OPEN, folder.path);
        const { auctions: before } = await counted(server);
        expect(before).toBeWithin(floor, ceiling + 1);
        // Little traffic is committed by the clock alone, much traffic also for its size.
        const load = loadUntilGone(server, kill % 2 === 0 ? 0 : 5);
        await load.reached(50);
        // At another moment of the group commit each time.
        await Bun.sleep(150 + 7 * kill);
        const killedMs = performance.now();
        server.kill('SIGKILL');
        await load.over;

        await using next = await openServer(OPEN, folder.path);
        const safe = load.answered.filter(
          ({ atMs }) => atMs < killedMs - SPOOL_COMMIT_MS - CLIENT_SLACK_MS,
        );
        expect(safe.length).toBeGreaterThan(0);
        const after = await counted(next);
        expect(after.requests).toBe(after.auctions);
        floor = before + safe.length;
        ceiling = before + load.answered.length + load.unanswered();
        expect(after.auctions).toBeWithin(floor, ceiling + 1);
        for (const { auctionId } of safe.slice(-50)) {
          const { status, body } = await get<AuctionBody>(
            `${next.url}/api/v1/auctions/${auctionId}`,
          );
          expect({ status, id: body.auction_id }).toEqual({ status: 200, id: auctionId });
        }
        next.kill('SIGKILL');
        await next.exited;
      }
    },
    KILLS_MS,
  );

  test('leaves statistics that agree with the auctions that are kept', async () => {
    await using folder = await openFolder();
    await using server = await openServer(OPEN, folder.path);
    const load = loadUntilGone(server);
    await load.reached(500);
    server.kill('SIGKILL');
    await load.over;
    await using next = await openServer(OPEN, folder.path);
    let revenue = 0;
    let kept = 0;
    for (const { auctionId } of load.answered) {
      const reply = await get<AuctionBody>(`${next.url}/api/v1/auctions/${auctionId}`);
      if (reply.status !== 200) continue;
      kept++;
      revenue = sum([revenue, ...reply.body.impressions.map(({ price }) => price ?? 0)]);
    }
    const after = await counted(next);
    const unread = load.unanswered();
    expect(after.auctions).toBeWithin(kept, kept + unread + 1);
    if (after.auctions === kept) expect(after.revenue).toBe(revenue);
  });
});

/** How long the main thread of a process could have run and had no processor, as Linux counts it. */
function queuedMs(pid: number): number {
  const [, queuedNs = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return Number(queuedNs) / NS_PER_MS;
}

describe('a start', () => {
  test('the second one answers its first request within 1 s', async () => {
    await using folder = await openFolder();
    await loadThenStop(folder, 'SIGTERM');
    // The quickest counts, without its waits for a processor: other tests keep the machine busy.
    const tookMs: number[] = [];
    for (let start = 0; start < STARTS; start++) {
      const startedMs = performance.now();
      await using server = await openServer(OPEN, folder.path);
      expect((await get(`${server.url}/supplies`)).status).toBe(200);
      tookMs.push(performance.now() - startedMs - queuedMs(server.pid));
      expect(server.log.join('\n')).not.toContain('first start');
    }
    expect(Math.min(...tookMs)).toBeLessThan(1000);
  });

  test('through bin/gavel stops on Ctrl-C as cleanly', async () => {
    await using folder = await openFolder();
    const child = Bun.spawn([`${import.meta.dirname}/../../bin/gavel`, 'serve'], {
      env: { PATH: '/usr/bin:/bin', DATA_DIR: folder.path, SERVER_ADDR: '127.0.0.1:0' },
      stdout: 'pipe',
    });
    let out = '';
    for await (const chunk of child.stdout) {
      out += new TextDecoder().decode(chunk);
      if (out.includes('serving') && !out.includes('stopping')) child.kill('SIGINT');
    }
    expect(out).toContain('stopped');
    expect(await child.exited).toBe(0);
  });

  test('with bad settings ends with one message that lists every one', async () => {
    await using folder = await openFolder();
    const settings = { SERVER_ADDR: 'nowhere', SEED: '-1', TRUSTED_PROXIES: '10.0.0.0/99' };
    const { code, out, err } = await runGavel(['serve'], { dataDir: folder.path, settings });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    for (const name of Object.keys(settings)) expect(err).toContain(`  ${name}="`);
    expect(err.trim().split('\n')).toHaveLength(4);
  });
});
