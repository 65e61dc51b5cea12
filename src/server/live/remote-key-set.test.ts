import { afterEach, describe, expect, test } from 'bun:test';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { HttpError } from '../http/http-error.ts';
import { createTokenIdentity } from './identity.ts';
import { openRemoteKeySet } from './remote-key-set.ts';

const ONE = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const TWO = generateKeyPairSync('ed25519');

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

/** A provider whose answer a test exchanges. */
function openProvider() {
  const state = { calls: 0, answer: (): Response => new Response('{}', { status: 500 }) };
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => {
      state.calls += 1;
      return state.answer();
    },
  });
  opened.push({ [Symbol.asyncDispose]: () => server.stop(true) });
  const publish = async (keys: Record<string, KeyObject>, more: readonly unknown[] = []) => {
    const jwks = Object.entries(keys).map(async ([kid, key]) => ({
      ...(await exportJWK(key)),
      kid,
    }));
    const set = JSON.stringify({ keys: [...more, ...(await Promise.all(jwks))] });
    state.answer = () => new Response(set);
  };
  return { state, publish, url: server.url };
}

function openSet(url: URL, cooldownMs = 0) {
  const clock = createManualClock(Date.now());
  const faults: unknown[] = [];
  const onAway = (error: unknown) => faults.push(error);
  const key = openRemoteKeySet({ url, clock, onAway, cooldownMs });
  const identity = createTokenIdentity(
    { key, audience: 'gavel', issuer: 'id', leewaySeconds: 30 },
    clock,
  );
  let number = 0;
  /** The bidder of a fresh token, or the status of the refusal. */
  async function bidder(kid: string, privateKey: KeyObject, alg = 'ES256') {
    const token = await new SignJWT({ sub: 'ann', aud: 'gavel', iss: 'id', jti: `${++number}` })
      .setProtectedHeader({ alg, kid })
      .setExpirationTime('1h')
      .sign(privateKey);
    const headers = { authorization: `Bearer ${token}` };
    try {
      return await identity.bidderOf(new Request('http://gavel.test/', { headers }), undefined);
    } catch (error) {
      if (error instanceof HttpError) return error.status;
      throw error;
    }
  }
  return { bidder, key, clock, faults };
}

describe('a key set that is published', () => {
  test('is read once for many tokens', async () => {
    const { state, publish, url } = openProvider();
    await publish({ one: ONE.publicKey });
    const { bidder } = openSet(url);
    expect(await bidder('one', ONE.privateKey)).toBe('ann');
    expect(await bidder('one', ONE.privateKey)).toBe('ann');
    expect(await bidder('one', TWO.privateKey, 'EdDSA')).toBe(401);
    expect(state.calls).toBe(2);
  });

  test('is read again when a token names a key that came later', async () => {
    const { publish, url } = openProvider();
    await publish({ one: ONE.publicKey });
    const { bidder } = openSet(url);
    expect(await bidder('one', ONE.privateKey)).toBe('ann');
    await publish({ two: TWO.publicKey });
    expect(await bidder('two', TWO.privateKey, 'EdDSA')).toBe('ann');
    expect(await bidder('one', ONE.privateKey)).toBe(401);
  });

  test('is not read for each made-up key id', async () => {
    const { state, publish, url } = openProvider();
    await publish({ one: ONE.publicKey });
    const { bidder } = openSet(url, 60_000);
    for (let at = 0; at < 5; at++) expect(await bidder(`${at}`, ONE.privateKey)).toBe(401);
    expect(state.calls).toBe(1);
  });

  test('is good for its good keys, whatever else is in it', async () => {
    const { publish, url } = openProvider();
    await publish({ one: ONE.publicKey }, [null, 'key', 7, { kty: 12 }, { kty: 'EC', kid: 'one' }]);
    expect(await openSet(url).bidder('one', ONE.privateKey)).toBe('ann');
  });

  test('is refused at the start when it is none, empty, private or symmetric', async () => {
    const { state, publish, url } = openProvider();
    const fault = () =>
      openSet(url)
        .key.reload()
        .catch((error) => `${error.name}: ${error.message}`);
    await publish({});
    expect(await fault()).toBe('KeySetFault: holds no key');
    await publish({ one: ONE.privateKey });
    expect(await fault()).toContain('KeySetFault: holds a private');
    await publish({ one: ONE.publicKey }, [{ kty: 'oct', k: 'c2VjcmV0' }]);
    expect(await fault()).toContain('KeySetFault: holds a private or a symmetric key');
    for (const text of ['<html>', '[]', '{"keys":5}']) {
      state.answer = () => new Response(text);
      expect(await fault()).toBe('KeySetFault: is not a JSON Web Key Set');
    }
    state.answer = () => new Response(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`);
    expect(await fault()).toContain('KeySetFault: is longer than');
  });
});

describe('a provider that is away', () => {
  test('makes a token 503 and not 401, and is not asked for each', async () => {
    const { state, publish, url } = openProvider();
    const { bidder, clock, faults } = openSet(url);
    expect(await bidder('one', ONE.privateKey)).toBe(503);
    expect(await bidder('one', ONE.privateKey)).toBe(503);
    expect(state.calls).toBe(1);
    expect(faults).toHaveLength(1);
    await publish({});
    clock.advance(1_000);
    expect(await bidder('one', ONE.privateKey)).toBe(503);
    await publish({ one: ONE.publicKey });
    clock.advance(1_000);
    expect(await bidder('one', ONE.privateKey)).toBe('ann');
  });

  test('leaves the keys in force that it had published', async () => {
    const { state, publish, url } = openProvider();
    await publish({ one: ONE.publicKey });
    const { bidder } = openSet(url);
    expect(await bidder('one', ONE.privateKey)).toBe('ann');
    state.answer = () => Response.redirect('http://127.0.0.1:1/', 302);
    expect(await bidder('two', TWO.privateKey, 'EdDSA')).toBe(401);
    await publish({ one: ONE.privateKey });
    expect(await bidder('two', TWO.privateKey, 'EdDSA')).toBe(401);
    expect(await bidder('one', ONE.privateKey)).toBe('ann');
  });
});
