import { describe, expect, test } from 'bun:test';
import { SignJWT } from 'jose';
import { ADMIN, ADMIN_KEY } from '../support/items-server.ts';
import { openServer } from '../support/server.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const SETTINGS = {
  AUTH_MODE: 'jwt',
  JWT_SECRET: SECRET,
  JWT_AUDIENCE: 'gavel',
  JWT_ISSUER: 'id',
  ADMIN_KEY,
};
const ALIAS = /^[a-z2-7]{8}$/;

type Headers = Record<string, string>;
type Wish = { readonly headers?: Headers; readonly count?: number };

async function tokenOf(sub: string): Promise<Headers> {
  const token = await new SignJWT({ sub, aud: 'gavel', iss: 'id' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(Buffer.from(SECRET));
  return { authorization: `Bearer ${token}` };
}

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what is tested
async function get(url: string, path: string, headers: Headers = {}): Promise<any> {
  return (await fetch(`${url}/api/v1/items${path}`, { headers })).json();
}

/** What one who looks is shown of the bids on an item, on every way out. */
async function seen(url: string, itemId: string, headers: Headers) {
  const item = await get(url, `/${itemId}`, headers);
  const list = await get(url, '', headers);
  const history = await get(url, `/${itemId}/bids`, headers);
  const [snapshot] = await frames(url, `item_id=${itemId}`, { headers });
  const resumed = `item_id=${itemId}&since=0&epoch=${item.epoch}`;
  const [events] = await frames(url, resumed, { headers });
  const inList = list.items.find(({ id }: { id: string }) => id === itemId);
  return {
    leaders: [item, inList, snapshot.item].map((shown) => shown.highest_bidder_id),
    histories: [history.events, events.events].map((shown) => shown.map(idsOf)),
  };
}

function idsOf(event: Record<string, unknown>) {
  return [event['user_id'] ?? event['winner_id'], event['beaten_user_id'] ?? null];
}

/** The first `count` frames of a socket. */
// biome-ignore lint/suspicious/noExplicitAny: what a frame holds is what is tested
function frames(url: string, query: string, wish: Wish): Promise<any[]> {
  const { headers = {}, count = 1 } = wish;
  return new Promise((resolve, reject) => {
    const got: unknown[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?${query}`, { headers });
    socket.onerror = () => reject(new Error('the socket was refused'));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data as string);
      if (frame.type !== 'watchers') got.push(frame);
      if (got.length < count) return;
      socket.close();
      resolve(got);
    };
  });
}

async function archived(url: string, itemId: string, count: number): Promise<void> {
  for (;;) {
    const history = await get(url, `/${itemId}/bids`);
    if (history.events.length >= count) return;
  }
}

async function open(url: string, id: string): Promise<void> {
  await post(`${url}/api/v1/items`, { id, mask_bidders: true }, ADMIN);
}

function bid(url: string, itemId: string, [body, headers]: [object, Headers]): Promise<void> {
  return post(`${url}/api/v1/items/${itemId}/bid`, body, headers);
}

async function post(url: string, body: unknown, headers: Headers): Promise<void> {
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(status).toBeLessThan(300);
}

describe('on an item that masks its bidders', () => {
  test('everybody sees aliases, oneself as one is, and the admin all, on every way out', async () => {
    await using server = await openServer(SETTINGS);
    const { url } = server;
    const [ale, alice] = [await tokenOf('ale'), await tokenOf('alice')];
    await open(url, 'lamp');
    await bid(url, 'lamp', [{ amount: 1, max_amount: 4 }, ale]);
    await bid(url, 'lamp', [{ amount: 2 }, alice]);
    await bid(url, 'lamp', [{ amount: 5 }, alice]);
    await archived(url, 'lamp', 3);

    const ofAll = await seen(url, 'lamp', {});
    const [first, second] = ofAll.histories[0];
    const [a, b] = [first[0], second[1]];
    expect([a, b]).toEqual([expect.stringMatching(ALIAS), expect.stringMatching(ALIAS)]);
    expect(a).not.toBe(b);
    const shown = (one: string, other: string) => ({
      leaders: [other, other, other],
      histories: Array(2).fill([
        [one, null],
        [one, other],
        [other, null],
      ]),
    });
    expect(ofAll).toEqual(shown(a, b));
    expect(await seen(url, 'lamp', ale)).toEqual(shown('ale', b));
    expect(await seen(url, 'lamp', alice)).toEqual(shown(a, 'alice'));
    expect(await seen(url, 'lamp', ADMIN)).toEqual(shown('ale', 'alice'));
  });

  test('a bid that comes while one watches shows oneself only to oneself', async () => {
    await using server = await openServer(SETTINGS);
    const { url } = server;
    await open(url, 'lamp');
    const alice = await tokenOf('alice');
    const watched = [alice, await tokenOf('ben'), {}, ADMIN].map(async (headers) => {
      const [, event] = await frames(url, 'item_id=lamp', { headers, count: 2 });
      return event.user_id;
    });
    await watchersOf(url, watched.length);
    await bid(url, 'lamp', [{ amount: 1 }, alice]);
    const alias = expect.stringMatching(ALIAS);
    expect(await Promise.all(watched)).toEqual(['alice', alias, alias, 'alice']);
  });

  test('an alias stays over a restart, and is another one on another item', async () => {
    const alice = await tokenOf('alice');
    const leader = async (url: string, id: string) => (await get(url, `/${id}`)).highest_bidder_id;
    await using server = await openServer(SETTINGS);
    for (const id of ['lamp', 'vase']) {
      await open(server.url, id);
      await bid(server.url, id, [{ amount: 1 }, alice]);
    }
    const before = await leader(server.url, 'lamp');
    expect(before).not.toBe(await leader(server.url, 'vase'));
    server.kill('SIGTERM');
    await server.exited;
    await using again = await openServer(SETTINGS, server.dataDir);
    expect(await leader(again.url, 'lamp')).toBe(before);
  });

  test('the admin sees who won by the clock, the public does not', async () => {
    await using server = await openServer(SETTINGS);
    const { url } = server;
    const ends_at = new Date(Date.now() + 700).toISOString();
    await post(`${url}/api/v1/items`, { id: 'lamp', mask_bidders: true, ends_at }, ADMIN);
    await bid(url, 'lamp', [{ amount: 1 }, await tokenOf('alice')]);
    await archived(url, 'lamp', 2);
    const winner = async (headers: Headers) =>
      (await seen(url, 'lamp', headers)).histories.map((events) => events[1][0]);
    expect(await winner(ADMIN)).toEqual(['alice', 'alice']);
    expect(await winner(await tokenOf('alice'))).toEqual(['alice', 'alice']);
    expect(await winner({})).toEqual(Array(2).fill(expect.stringMatching(ALIAS)));
  });

  test('a wrong key or token is refused on every way out, and not taken for nobody', async () => {
    await using server = await openServer(SETTINGS);
    await open(server.url, 'lamp');
    const upgrade = { upgrade: 'websocket', connection: 'upgrade' };
    const token = await tokenOf('alice');
    for (const wrong of [{ 'x-admin-key': 'no' }, { ...token, 'x-admin-key': 'no' }]) {
      for (const path of ['/api/v1/items', '/api/v1/items/lamp', '/api/v1/items/lamp/bids']) {
        const reply = await fetch(`${server.url}${path}`, { headers: wrong });
        expect([reply.status, ((await reply.json()) as { message: string }).message]).toEqual([
          401,
          expect.stringContaining('X-Admin-Key'),
        ]);
      }
      const socket = { headers: { ...wrong, ...upgrade } };
      expect((await fetch(`${server.url}/ws?item_id=lamp`, socket)).status).toBe(401);
    }
    const reply = await fetch(`${server.url}/api/v1/items`, {
      headers: { authorization: 'Bearer no' },
    });
    expect(reply.status).toBe(401);
  });
});

/** Waits until so many watch the item. */
async function watchersOf(url: string, count: number): Promise<void> {
  for (;;) {
    const [snapshot] = await frames(url, 'item_id=lamp', {});
    // This one counts itself.
    if (snapshot.watchers > count) return;
  }
}
