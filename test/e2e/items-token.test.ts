import { describe, expect, test } from 'bun:test';
import { type JWTPayload, SignJWT } from 'jose';
import { createTokenIdentity } from '../../src/server/live/identity.ts';
import { secretTokenKey } from '../../src/server/live/token-key.ts';
import { START_MS, startItemsServer } from '../support/items-server.ts';
import { createManualClock } from '../support/manual-clock.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const RULE = { key: secretTokenKey(SECRET), audience: 'gavel', issuer: 'id', leewaySeconds: 30 };
const BID = '/api/v1/items/lamp/bid';

function start() {
  const clock = createManualClock(START_MS);
  return startItemsServer({ clock, identity: createTokenIdentity(RULE, clock) });
}

async function tokenOf(userId: unknown): Promise<Record<string, string>> {
  const claims = { sub: userId, aud: 'gavel', iss: 'id', exp: START_MS / 1000 + 60 };
  const token = await new SignJWT(claims as JWTPayload)
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
    server.clock.advance(91_000);
    const old = await server.post(BID, { user_id: 'ann', amount: 1 }, ann);
    for (const { status, body, headers } of [none, old]) {
      expect({ status, error: body.error }).toEqual({ status: 401, error: 'unauthorized' });
      expect(headers.get('www-authenticate')).toStartWith('Bearer');
    }
    expect(server.store.outbox).toEqual([]);
  });

  test.each([[12345], [null], [true], [['x']], [''], ['a\nb']])(
    'a token whose subject is %p is 401 and no bid',
    async (sub) => {
      await using server = start();
      const reply = await server.post(BID, { amount: 1 }, await tokenOf(sub));
      expect(reply).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
      expect(server.store.outbox).toEqual([]);
    },
  );
});
