import { describe, expect, test } from 'bun:test';
import { ADMIN, startItemsServer } from '../support/items-server.ts';
import { openServer } from '../support/server.ts';

const NAMES = [
  'auth0|64f1a2',
  'google-oauth2|1',
  'ann@example.com',
  'https://id.example/u/7?x=1#y',
  'Zoë "the" Müller',
  '用户 👩‍🚀',
  '..',
  'x'.repeat(256),
];

describe('the name of a bidder', () => {
  test('is any text of a line, and stays what it is over a restart', async () => {
    await using server = await openServer({ BIDS_PER_SECOND_PER_USER: '1' });
    for (const [index, user_id] of NAMES.entries()) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
      const body = JSON.stringify({ user_id, amount: index + 1 });
      const bid = { method: 'POST', headers, body };
      expect((await fetch(`${server.url}/api/v1/items/lamp/bid`, bid)).status).toBe(200);
      expect(await leader(server.url)).toBe(user_id);
    }
    server.kill('SIGTERM');
    await server.exited;
    await using again = await openServer({}, server.dataDir);
    expect(await leader(again.url)).toBe(NAMES.at(-1));
    expect(await bidders(again.url)).toEqual(NAMES);
  });

  test.each(
    [
      '',
      'x'.repeat(257),
      'é'.repeat(129),
      'a\nb',
      'a\0',
      '\u0085',
      '\u2028',
      '\ud800',
      7,
      null,
      true,
      ['ann'],
      { ann: 1 },
    ].map((user_id) => [user_id]),
  )('is not %p', async (user_id) => {
    await using server = startItemsServer();
    const reply = await server.post('/api/v1/items/lamp/bid', { user_id, amount: 1 });
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(reply.body.message).toContain('user_id: expected an id of 1 to 256 bytes');
    expect(server.store.outbox).toEqual([]);
  });
});

describe('an item id that a path would lose', () => {
  test.each(['.', '..'])('%p is refused wherever it is given', async (id) => {
    await using server = startItemsServer();
    const replies = [
      await server.post('/api/v1/items', { id }, ADMIN),
      await server.get(`/api/v1/items?after=${id}`),
    ];
    for (const { status, body } of replies) {
      expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
      expect(body.message).toContain('but not . or ..');
    }
    expect(server.store.items.size).toBe(0);
  });
});

async function leader(url: string): Promise<unknown> {
  const item = (await (await fetch(`${url}/api/v1/items/lamp`)).json()) as Record<string, unknown>;
  return item['highest_bidder_id'];
}

async function bidders(url: string): Promise<readonly unknown[]> {
  for (;;) {
    const history = (await (await fetch(`${url}/api/v1/items/lamp/bids`)).json()) as {
      events: { user_id: string }[];
    };
    if (history.events.length >= NAMES.length) return history.events.map(({ user_id }) => user_id);
  }
}
