import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, SignJWT } from 'jose';
import { openFolder, openServer, runGavel, type Settings } from '../support/server.ts';

const NAMES = { AUTH_MODE: 'jwt', JWT_AUDIENCE: 'gavel', JWT_ISSUER: 'id' };
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function publishing(keys: () => Promise<readonly object[]>) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async () => Response.json({ keys: await keys() }),
  });
  const stop = () => server.stop(true);
  return { url: `${server.url}jwks`, [Symbol.asyncDispose]: stop };
}

async function jwkOf(key: KeyObject, kid: string): Promise<object> {
  return { ...(await exportJWK(key)), kid };
}

async function bid(url: string, key: KeyObject, kid: string): Promise<number> {
  const token = await new SignJWT({ sub: 'auth0|1', aud: 'gavel', iss: 'id' })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
    .setExpirationTime('1h')
    .sign(key);
  const { status } = await fetch(`${url}/api/v1/items/lamp/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ max_amount: 1 }),
  });
  return status;
}

/** What a start that is refused says. */
async function refusal(settings: Settings): Promise<string> {
  await using folder = await openFolder();
  const { code, err } = await runGavel(['serve'], { dataDir: folder.path, settings });
  expect(code).not.toBe(0);
  expect(err).not.toContain('    at ');
  return err;
}

describe('a key set by URL', () => {
  test('proves bidders, also by a key that the first set did not hold', async () => {
    const keys = [await jwkOf(KEY.publicKey, 'one')];
    await using provider = publishing(async () => keys);
    await using server = await openServer({ ...NAMES, JWT_JWKS: provider.url });
    expect(await bid(server.url, KEY.privateKey, 'one')).toBe(200);
    expect(await bid(server.url, OTHER.privateKey, 'one')).toBe(401);
  });

  test('that is away at the start lets the node start, and a token is 503', async () => {
    await using server = await openServer({ ...NAMES, JWT_JWKS: 'http://127.0.0.1:1/jwks' });
    expect(await bid(server.url, KEY.privateKey, 'one')).toBe(503);
    expect(server.log.join()).toContain('JWT_JWKS');
  });

  test('that holds a private key is refused at the start', async () => {
    await using provider = publishing(async () => [await jwkOf(KEY.privateKey, 'one')]);
    const said = await refusal({ ...NAMES, JWT_JWKS: provider.url });
    expect(said).toContain(`JWT_JWKS="${provider.url}": holds a private or a symmetric key`);
  });

  test('that anybody on the way may answer for is refused', async () => {
    const said = await refusal({ ...NAMES, JWT_JWKS: 'http://id.example/jwks' });
    expect(said).toContain('JWT_JWKS="http://id.example/jwks"');
  });
});

test('a key set in a file that cannot be used is refused in one sentence', async () => {
  await using folder = await openFolder();
  const path = join(folder.path, 'keys.json');
  for (const [set, words] of [
    ['{"keys":[]}', 'holds no key'],
    [{ keys: [await jwkOf(KEY.privateKey, 'one')] }, 'holds a private or a symmetric key'],
    [{ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, 'holds a private or a symmetric key'],
    [{ keys: [{ kty: 'EC' }] }, 'holds no public key that is usable'],
    ['no JSON', 'is not a JSON Web Key Set'],
  ] as const) {
    await writeFile(path, typeof set === 'string' ? set : JSON.stringify(set));
    expect(await refusal({ ...NAMES, JWT_JWKS: path })).toContain(`JWT_JWKS="${path}": ${words}`);
  }
});

test('settings of tokens without AUTH_MODE=jwt refuse the start by their names', async () => {
  const said = await refusal({ JWT_SECRET: 'x'.repeat(40), JWT_ISSUER: 'id' });
  expect(said).toContain('JWT_SECRET: protects nothing without AUTH_MODE="jwt"');
  expect(said).toContain('JWT_ISSUER: protects nothing without AUTH_MODE="jwt"');
});
