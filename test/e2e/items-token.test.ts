import { describe, expect, test } from 'bun:test';
import { SignJWT } from 'jose';
import { createTokenIdentity } from '../../src/server/live/identity.ts';
import { secretTokenKey } from '../../src/server/live/token-key.ts';
import { ADMIN, START_MS, startItemsServer } from '../support/items-server.ts';
import { createManualClock } from '../support/manual-clock.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const RULE = { key: secretTokenKey(SECRET), audience: 'gavel', issuer: 'id' };
const BID = '/api/v1/items/lamp/bid';

function start() {
  const clock = createManualClock(START_MS);
  return startItemsServer({ clock, identity: createTokenIdentity(RULE, clock) });
}

async function tokenOf(userId: string): Promise<Record<string, string>> {
  const claims = { sub: userId, aud: 'gavel', iss: 'id', exp: START_MS / 1000 + 60 };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(SECRET));
  return { authorization: `Bearer ${token}` };
}

describe('bidding with tokens', () => {
  test('the bidder is the subject, whether the body says so or not', async () => {
    await using server = start();
    const ann = await tokenOf('ann');
    expect((await server.post(BID, { amount: 1 }, ann)).status).toBe(200);
    expect((await server.post(BID, { user_id: 'ann', amount: 2 }, ann)).status).toBe(200);
    expect((await server.get('/api/v1/items/lamp')).body.highest_bidder_id).toBe('ann');
  });

  test("another user's id is 403 and no bid", async () => {
    await using server = start();
    const reply = await server.post(BID, { user_id: 'ben', amount: 1 }, await tokenOf('ann'));
    expect(reply).toMatchObject({ status: 403, body: { error: 'forbidden' } });
    expect(server.store.outbox).toEqual([]);
  });

  test('no token, or an old one, is 401 with WWW-Authenticate and no bid', async () => {
    await using server = start();
    const ann = await tokenOf('ann');
    const none = await server.post(BID, { user_id: 'ann', amount: 1 });
    server.clock.advance(61_000);
    const old = await server.post(BID, { user_id: 'ann', amount: 1 }, ann);
    for (const { status, body, headers } of [none, old]) {
      expect({ status, error: body.error }).toEqual({ status: 401, error: 'unauthorized' });
      expect(headers.get('www-authenticate')).toStartWith('Bearer');
    }
    expect(server.store.outbox).toEqual([]);
  });

  test('a masked item shows a bidder to itself and to nobody else', async () => {
    await using server = start();
    const [alice, brian] = [await tokenOf('alice'), await tokenOf('brian')];
    await server.post('/api/v1/items', { id: 'lamp', mask_bidders: true }, ADMIN);
    await server.post(BID, { amount: 1 }, alice);
    const leader = async (headers?: Record<string, string>) =>
      (await server.get('/api/v1/items/lamp', headers)).body.highest_bidder_id;
    expect(await leader(alice)).toBe('alice');
    expect(await leader(brian)).toBe('a***e');
    expect(await leader()).toBe('a***e');
    const own = await server.get('/api/v1/items/lamp/bids', alice);
    expect(own.body.events[0]).toMatchObject({ user_id: 'alice' });
    const others = await server.get('/api/v1/items/lamp/bids', brian);
    expect(others.body.events[0]).toMatchObject({ user_id: 'a***e' });
    expect((await server.get('/api/v1/items/lamp', { authorization: 'Bearer x' })).status).toBe(
      401,
    );
  });
});
