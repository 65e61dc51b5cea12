import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { ADMIN, PUBLIC } from '../../live/rule/view.ts';
import { HttpError } from '../http/http-error.ts';
import {
  createAdminGate,
  createLookerReader,
  createTokenIdentity,
  type TokenLimit,
  trustingIdentity,
} from './identity.ts';
import { jwksTokenKey, publicTokenKey, secretTokenKey, type TokenKey } from './token-key.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const LEEWAY_S = 30;
const NOW_S = Date.UTC(2026, 0, 1) / 1000;
const GOOD = { sub: 'ann', aud: 'gavel', iss: 'https://id.example', exp: NOW_S + 600 };
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ED = generateKeyPairSync('ed25519');

type Signing = { alg?: string; key?: KeyObject | Uint8Array; kid?: string; typ?: unknown };

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function sign(claims: object, signing: Signing = {}): Promise<string> {
  const { key = Buffer.from(SECRET), ...header } = { alg: 'HS256', ...signing };
  return new SignJWT({ ...claims }).setProtectedHeader(header as JWTHeaderParameters).sign(key);
}

function withToken(token: string): Request {
  return new Request('http://gavel.test/', { headers: { authorization: `Bearer ${token}` } });
}

function identityOf(
  key: TokenKey = secretTokenKey(SECRET),
  clock = createManualClock(),
  limit?: TokenLimit,
) {
  return createTokenIdentity(
    { key, audience: GOOD.aud, issuer: GOOD.iss, leewaySeconds: LEEWAY_S },
    clock,
    limit,
  );
}

/** The status of the refusal, or the bidder. */
async function bidder(request: Request, identity = identityOf(), claimed?: string) {
  try {
    return await identity.bidderOf(request, claimed);
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

describe('a token', () => {
  test('of the right key, audience, issuer and time names the bidder', async () => {
    expect(await bidder(withToken(await sign(GOOD)))).toBe('ann');
  });

  test('may go with the same user_id; another one is 403', async () => {
    const request = withToken(await sign(GOOD));
    expect(await bidder(request, identityOf(), 'ann')).toBe('ann');
    expect(await bidder(request, identityOf(), 'ben')).toBe(403);
  });

  const without = (claim: keyof typeof GOOD) => ({ ...GOOD, [claim]: undefined });
  const BAD_CLAIMS: readonly (readonly [string, object])[] = [
    ['of another audience', { ...GOOD, aud: 'other' }],
    ['without an audience', without('aud')],
    ['of another issuer', { ...GOOD, iss: 'https://evil.example' }],
    ['without an issuer', without('iss')],
    ['that has expired', { ...GOOD, exp: NOW_S - LEEWAY_S }],
    ['that expires never', without('exp')],
    ['that is not valid yet', { ...GOOD, nbf: NOW_S + LEEWAY_S + 1 }],
    ['that was issued in the future', { ...GOOD, iat: NOW_S + LEEWAY_S + 1 }],
    ['whose times are no numbers', { ...GOOD, iat: String(NOW_S) }],
    ['whose issuer is a list', { ...GOOD, iss: [GOOD.iss] }],
    ['without a subject', without('sub')],
    ...[12345, null, true, ['ann'], { ann: 1 }, '', 'a\nb', '\ud800', 'é'.repeat(129)].map(
      (sub) => [`with the subject ${JSON.stringify(sub)}`, { ...GOOD, sub }] as const,
    ),
  ];
  for (const [what, claims] of BAD_CLAIMS) {
    test(`${what} is 401`, async () => {
      expect(await bidder(withToken(await sign(claims)))).toBe(401);
    });
  }

  test.each([
    ['auth0|64f1a2'],
    ['google-oauth2|1'],
    ['ann@example.com'],
    ['https://id.example/u/7'],
    ['Zoë M'],
    ['用户'],
  ])('may be of the subject %p', async (sub) => {
    expect(await bidder(withToken(await sign({ ...GOOD, sub })))).toBe(sub);
  });

  test('may be off by the leeway: just expired, just issued, just not valid yet', async () => {
    const edge = { exp: NOW_S - LEEWAY_S + 1, iat: NOW_S + LEEWAY_S, nbf: NOW_S + LEEWAY_S };
    expect(await bidder(withToken(await sign({ ...GOOD, ...edge })))).toBe('ann');
  });

  test.each([
    [undefined, 'ann'],
    ['JWT', 'ann'],
    ['jwt', 'ann'],
    ['at+jwt', 'ann'],
    ['application/AT+JWT', 'ann'],
    ['application/jwt', 'ann'],
    ['id+jwt', 401],
    ['logout+jwt', 401],
    ['JOSE', 401],
    ['', 401],
    [7, 401],
    [null, 401],
    [['JWT'], 401],
  ])('of the type %p gives %p', async (typ, expected) => {
    const signing = typ === undefined ? {} : { typ };
    expect(await bidder(withToken(await sign(GOOD, signing)))).toBe(expected);
  });

  test('without a signature (alg none) is 401', async () => {
    expect(await bidder(withToken(new UnsecuredJWT({ ...GOOD }).encode()))).toBe(401);
  });

  test('signed with another secret or another HMAC is 401', async () => {
    const other = await sign(GOOD, { key: Buffer.from('another secret of thirty-two bytes!!') });
    const longer = await sign(GOOD, { alg: 'HS512', key: Buffer.from(SECRET.repeat(2)) });
    expect(await bidder(withToken(other))).toBe(401);
    expect(await bidder(withToken(longer))).toBe(401);
  });

  test('signed with the text of the public key as a secret is 401', async () => {
    const identity = identityOf(publicTokenKey(pemOf(RSA.publicKey)));
    const forged = await sign(GOOD, { key: Buffer.from(pemOf(RSA.publicKey)) });
    expect(await bidder(withToken(forged), identity)).toBe(401);
    const honest = await sign(GOOD, { alg: 'RS256', key: RSA.privateKey });
    expect(await bidder(withToken(honest), identity)).toBe('ann');
  });

  test('with its payload exchanged is 401', async () => {
    const [head, , signature] = (await sign(GOOD)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...GOOD, sub: 'ben' })).toString('base64url');
    expect(await bidder(withToken(`${head}.${payload}.${signature}`))).toBe(401);
  });

  test('that is missing, malformed or too long is 401 with WWW-Authenticate', async () => {
    for (const request of [
      new Request('http://gavel.test/'),
      new Request('http://gavel.test/', { headers: { authorization: 'Basic YTpi' } }),
      withToken('not-a-token'),
      withToken('x'.repeat(5_000)),
    ]) {
      const refused = await Promise.resolve()
        .then(() => identityOf().bidderOf(request, 'ann'))
        .catch((error) => error);
      expect(refused).toMatchObject({ status: 401, code: 'unauthorized' });
      expect(refused.headers['www-authenticate']).toStartWith('Bearer');
    }
  });

  test('is remembered for a while, and never past its expiry', async () => {
    const clock = createManualClock();
    const identity = identityOf(secretTokenKey(SECRET), clock);
    const request = withToken(await sign({ ...GOOD, exp: NOW_S }));
    expect(await identity.bidderOf(request, undefined)).toBe('ann');
    clock.advance(29_000);
    expect(identity.bidderOf(request, undefined)).toBe('ann');
    clock.advance(1_000);
    expect(await bidder(request, identity)).toBe(401);
  });

  test('is verified again after a minute', async () => {
    const clock = createManualClock();
    const identity = identityOf(secretTokenKey(SECRET), clock);
    const request = withToken(await sign(GOOD));
    await identity.bidderOf(request, undefined);
    clock.advance(59_999);
    expect(identity.bidderOf(request, undefined)).toBe('ann');
    clock.advance(1);
    expect(identity.bidderOf(request, undefined)).toBeInstanceOf(Promise);
  });

  test('is forgotten before its time when newer ones take its place', async () => {
    const identity = identityOf(undefined, undefined, { characters: 1_000, remembered: 2 });
    const requests = [];
    for (const sub of ['ann', 'ben', 'cid']) {
      const request = withToken(await sign({ ...GOOD, sub }));
      requests.push(request);
      await identity.bidderOf(request, undefined);
    }
    const [ann, ben, cid] = requests.map((request) => identity.bidderOf(request, undefined));
    expect(ann).toBeInstanceOf(Promise);
    expect([ben, cid]).toEqual(['ben', 'cid']);
    expect(await ann).toBe('ann');
  });

  test('that is longer than the bound is not even looked at', async () => {
    const token = await sign(GOOD);
    const limit = (characters: number) =>
      identityOf(undefined, undefined, { characters, remembered: 1 });
    expect(await bidder(withToken(token), limit(token.length))).toBe('ann');
    expect(await bidder(withToken(token), limit(token.length - 1))).toBe(401);
  });
});

describe('a key', () => {
  test('of each asymmetric kind verifies its own algorithm', async () => {
    for (const [alg, pair] of [
      ['RS256', RSA],
      ['ES256', EC],
      ['EdDSA', ED],
    ] as const) {
      const identity = identityOf(publicTokenKey(pemOf(pair.publicKey)));
      const token = await sign(GOOD, { alg, key: pair.privateKey });
      expect(await bidder(withToken(token), identity)).toBe('ann');
    }
    const token = await sign(GOOD, { alg: 'PS256', key: RSA.privateKey });
    expect(await bidder(withToken(token), identityOf(publicTokenKey(pemOf(RSA.publicKey))))).toBe(
      401,
    );
  });

  test('of a key set is found by its id', async () => {
    const keys = [
      { ...(await exportJWK(EC.publicKey)), kid: 'ec' },
      { ...(await exportJWK(ED.publicKey)), kid: 'ed' },
      // What is of no use, or no key at all, does no harm to the others.
      { ...(await exportJWK(EC.publicKey)), kid: 'enc', use: 'enc' },
      { ...(await exportJWK(ED.publicKey)), kid: 7 },
      { kty: 12, kid: 'odd' },
      null,
    ];
    const identity = identityOf(jwksTokenKey(JSON.stringify({ keys })));
    const token = (signing: Signing) => sign(GOOD, signing).then(withToken);
    const ed = await token({ alg: 'EdDSA', key: ED.privateKey, kid: 'ed' });
    expect(await bidder(ed, identity)).toBe('ann');
    const strange = await token({ alg: 'EdDSA', key: ED.privateKey, kid: 'gone' });
    expect(await bidder(strange, identity)).toBe(401);
    for (const kid of ['oct', 'odd', 'enc']) {
      expect(await bidder(await token({ kid }), identity)).toBe(401);
    }
  });

  test('is refused when it is private, of another curve, or no key at all', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const secret = EC.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const pem of [pemOf(p384.publicKey), secret, 'key', '-----BEGIN PUBLIC KEY-----\nx']) {
      expect(publicTokenKey(pem)).toBeUndefined();
    }
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(publicTokenKey(pemOf(short.publicKey))).toBeUndefined();
  });
});

describe('a key set', () => {
  const fault = (keys: unknown) => () => jwksTokenKey(JSON.stringify({ keys }));

  test('is refused when it is none, or empty', () => {
    for (const text of ['', '{}', '[]', 'null', '{"keys":{}}']) {
      expect(() => jwksTokenKey(text)).toThrow('is not a JSON Web Key Set');
    }
    expect(fault([])).toThrow('holds no key');
  });

  test('is refused with a private or a symmetric key in it, whatever else it holds', async () => {
    const good = await exportJWK(EC.publicKey);
    for (const bad of [
      await exportJWK(EC.privateKey),
      await exportJWK(RSA.privateKey),
      { kty: 'oct', k: Buffer.from(SECRET).toString('base64url') },
      { kty: 'oct' },
    ]) {
      expect(fault([good, bad])).toThrow('private or a symmetric key');
    }
  });

  test('is refused without a key that can verify', async () => {
    const p384 = await exportJWK(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey);
    const short = await exportJWK(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    const good = await exportJWK(EC.publicKey);
    for (const bad of [
      null,
      'key',
      {},
      { kty: 'RSA' },
      p384,
      short,
      { ...good, use: 'enc' },
      { ...good, alg: 'RS256' },
      { ...good, key_ops: ['sign'] },
    ]) {
      expect(fault([bad])).toThrow('holds no public key that is usable');
    }
  });
});

describe('who looks', () => {
  test('is nobody without a token, and 401 with a bad one', async () => {
    const identity = identityOf();
    expect(await identity.viewerOf(new Request('http://gavel.test/'))).toBeNull();
    expect(await identity.viewerOf(withToken(await sign(GOOD)))).toBe('ann');
    const bad = Promise.resolve(identity.viewerOf(withToken('bad')));
    expect(await bad.catch((error) => error.status)).toBe(401);
  });
});

test('without tokens the user_id is believed, and needed', () => {
  const request = new Request('http://gavel.test/');
  expect(trustingIdentity.bidderOf(request, 'ann')).toBe('ann');
  expect(() => trustingIdentity.bidderOf(request, undefined)).toThrow('user_id: expected an id');
});

describe('a looker', () => {
  const KEY = 'the-admin-key-itself';
  const look = async (headers: Record<string, string>, adminKey = KEY) => {
    const lookerOf = createLookerReader(identityOf(), createAdminGate(adminKey));
    try {
      return await lookerOf(new Request('http://gavel.test/', { headers }));
    } catch (error) {
      if (error instanceof HttpError) return [error.status, error.message];
      throw error;
    }
  };

  test('is the public, a bidder by its token, or the admin by the key', async () => {
    expect(await look({})).toEqual(PUBLIC);
    const bearer = { authorization: `Bearer ${await sign(GOOD)}` };
    expect(await look(bearer)).toEqual({ userId: 'ann', seesAll: false });
    for (const headers of [{ 'x-admin-key': KEY }, { ...bearer, 'x-admin-key': KEY }]) {
      expect(await look(headers)).toEqual(ADMIN);
    }
    expect(await look({ authorization: `Bearer ${KEY}` })).toEqual([401, expect.any(String)]);
  });

  test('with a wrong admin key is 401 and hears of it, also with a good token', async () => {
    const bearer = { authorization: `Bearer ${await sign(GOOD)}` };
    for (const more of [{}, bearer]) {
      const refused = await look({ ...more, 'x-admin-key': 'wrong' });
      expect(refused).toEqual([401, expect.stringContaining('X-Admin-Key')]);
    }
    expect(await look({ 'x-admin-key': '' }, '')).toEqual([403, expect.any(String)]);
  });
});

test('a wrong admin key is what is complained of, whatever else is there', () => {
  const gate = createAdminGate('the-admin-key-itself');
  for (const headers of [
    { 'x-admin-key': 'wrong' },
    { 'x-admin-key': 'wrong', authorization: 'Bearer the-admin-key-itself' },
    { 'x-admin-key': '' },
    { authorization: 'Bearer wrong' },
    {},
  ]) {
    expect(() => gate(new Request('http://gavel.test/', { headers }))).toThrow('X-Admin-Key');
  }
});

test('the admin key is compared as a whole', () => {
  const gate = createAdminGate('the-admin-key-itself');
  const request = (key: string) =>
    new Request('http://gavel.test/', { headers: { 'x-admin-key': key } });
  expect(() => gate(request('the-admin-key-itself'))).not.toThrow();
  for (const key of ['', 'the-admin-key', 'the-admin-key-itself2', 'THE-ADMIN-KEY-ITSELF']) {
    expect(() => gate(request(key))).toThrow(HttpError);
  }
});
