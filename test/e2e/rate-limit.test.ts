/** The rate limit of the exchange, seen from outside: who is counted, and what the answer says. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  type BidBody,
  bid,
  bidBatch,
  type ErrorBody,
  type Reply,
} from '../support/exchange-client.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let lastAddress = 0;

beforeAll(async () => {
  server = await openServer({ TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' });
});
afterAll(() => server[Symbol.asyncDispose]());

/** An address that no other test has used. */
function freshIp(): string {
  return `203.0.113.${++lastAddress}`;
}

function bidFrom(ip: string, headers: Record<string, string> = {}): Promise<Reply<BidBody>> {
  return bid(server.url, { supply_id: 'supply1', country: 'US', ip }, headers);
}

function bidThrough(forwardedFor: string, url = server.url): Promise<Reply<BidBody>> {
  const headers = { 'x-forwarded-for': forwardedFor };
  return bid(url, { supply_id: 'supply1', country: 'US' }, headers);
}

function limitHeaders({ headers }: Reply) {
  const number = (name: string) => {
    const text = headers.get(name);
    return text === null ? null : Number(text);
  };
  return {
    limit: number('ratelimit-limit'),
    remaining: number('ratelimit-remaining'),
    reset: number('ratelimit-reset'),
    retryAfter: number('retry-after'),
  };
}

async function statuses(count: number, call: () => Promise<Reply>): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) seen.push((await call()).status);
  return seen;
}

describe('the rate limit', () => {
  test('lets three auctions of an address through and refuses the fourth', async () => {
    const ip = freshIp();
    expect(await statuses(4, () => bidFrom(ip))).toEqual([200, 200, 200, 429]);
    expect((await bidFrom(freshIp())).status).toBe(200);
  });

  test('tells in every answer how it stands, and in a refusal when to come again', async () => {
    const ip = freshIp();
    for (const remaining of [2, 1, 0]) {
      const told = limitHeaders(await bidFrom(ip));
      expect(told).toMatchObject({ limit: 3, remaining, retryAfter: null });
      expect(told.reset).toBeWithin(50, 61);
    }
    const refused = await bidFrom(ip);
    expect(refused.body as unknown).toEqual({
      error: 'rate_limit_exceeded',
      message: 'Too many requests. Please try again later.',
    } satisfies ErrorBody);
    const told = limitHeaders(refused);
    expect(told).toMatchObject({ limit: 3, remaining: 0 });
    expect(told.retryAfter).toBeWithin(50, 61);
    expect(told.reset).toBe(told.retryAfter);
  });

  test('never lets more than three through, however many come at once', async () => {
    const ip = freshIp();
    const replies = await Promise.all(Array.from({ length: 20 }, () => bidFrom(ip)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(17);
  });

  test('counts both kinds of auction together', async () => {
    const address = freshIp();
    const headers = { 'x-forwarded-for': address };
    const batch = () => bidBatch(server.url, undefined, headers);
    const single = () => bidThrough(address);
    expect(await statuses(2, batch)).toEqual([200, 200]);
    expect(await statuses(2, single)).toEqual([200, 429]);
    expect(await statuses(1, batch)).toEqual([429]);
  });

  test('counts an IPv6 client by its /64', async () => {
    const seen: number[] = [];
    for (const host of [':1', ':2', 'ffff::3', '1:2:3:4']) {
      seen.push((await bidFrom(`2001:db8:7:7:${host}`)).status);
    }
    expect(seen).toEqual([200, 200, 200, 429]);
    expect((await bidFrom('2001:db8:7:8::1')).status).toBe(200);
  });

  test('counts IPv4 inside IPv6 as IPv4', async () => {
    const ip = freshIp();
    expect(await statuses(3, () => bidFrom(ip))).toEqual([200, 200, 200]);
    expect((await bidFrom(`::ffff:${ip}`)).status).toBe(429);
  });

  test('does not count a request for which no auction can be held', async () => {
    const ip = freshIp();
    const unknown = () => bid(server.url, { supply_id: 'nowhere', country: 'US', ip });
    const unserved = () => bid(server.url, { supply_id: 'supply1', country: 'NZ', ip });
    expect(await statuses(4, unknown)).toEqual([400, 400, 400, 400]);
    expect(await statuses(4, unserved)).toEqual([400, 400, 400, 400]);
    expect(await statuses(4, () => bidFrom(ip))).toEqual([200, 200, 200, 429]);
  });

  test('does not count a request that is refused for its body', async () => {
    const ip = freshIp();
    const bad = () => bid(server.url, { supply_id: 'supply1', ip, tmax: 0 });
    expect(await statuses(5, bad)).toEqual([400, 400, 400, 400, 400]);
    expect((await bidFrom(ip)).status).toBe(200);
  });
});

describe('X-Forwarded-For', () => {
  test('names the client when a trusted proxy sends it', async () => {
    const address = freshIp();
    expect(await statuses(4, () => bidThrough(address))).toEqual([200, 200, 200, 429]);
    expect((await bidThrough(freshIp())).status).toBe(200);
  });

  test('is believed from the right, past trusted proxies, to the first stranger', async () => {
    const address = freshIp();
    const forged = () => bidThrough(`${freshIp()}, ${address}, 10.1.2.3`);
    expect(await statuses(4, forged)).toEqual([200, 200, 200, 429]);
  });

  test('gives way to the ip of the body', async () => {
    const address = freshIp();
    expect(await statuses(3, () => bidThrough(address))).toEqual([200, 200, 200]);
    expect((await bidFrom(freshIp(), { 'x-forwarded-for': address })).status).toBe(200);
  });

  test('is ignored from a peer that is not trusted', async () => {
    await using strict = await openServer({ TRUSTED_PROXIES: '10.0.0.0/8' });
    const forged = () => bidThrough(freshIp(), strict.url);
    expect(await statuses(4, forged)).toEqual([200, 200, 200, 429]);
  });
});

describe('its settings', () => {
  test('0 turns it off, and no answer speaks of it', async () => {
    await using open = await openServer({ RATE_LIMIT_MAX_REQUESTS: '0' });
    const body = { supply_id: 'supply1', country: 'US', ip: freshIp() };
    const replies = await Promise.all(Array.from({ length: 12 }, () => bid(open.url, body)));
    expect(replies.map(({ status }) => status)).toEqual(Array(12).fill(200));
    const none = { limit: null, remaining: null, reset: null, retryAfter: null };
    for (const reply of replies) expect(limitHeaders(reply)).toEqual(none);
  });

  test('a window that has passed lets the address in again', async () => {
    await using quick = await openServer({
      RATE_LIMIT_MAX_REQUESTS: '1',
      RATE_LIMIT_WINDOW_SECONDS: '1',
    });
    const body = { supply_id: 'supply1', country: 'US', ip: freshIp() };
    expect((await bid(quick.url, body)).status).toBe(200);
    const refused = await bid(quick.url, body);
    expect(refused.status).toBe(429);
    expect(limitHeaders(refused).retryAfter).toBe(1);
    // The window is one of real seconds: its end is no event.
    await Bun.sleep(1000);
    expect((await bid(quick.url, body)).status).toBe(200);
  });
});
