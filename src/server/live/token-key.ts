/** What tokens are verified with, each kind with the only algorithms that it may be used for. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';

/** A key and its algorithms go together: a public key can never be taken for an HMAC secret. */
export type TokenKey = {
  readonly algorithms: readonly string[];
  /** Rejects with `KeySetAwayError` when the keys cannot be had: nothing is wrong with the token. */
  readonly find: JWTVerifyGetKey;
};

/** Why a text cannot be used as a key set, as the end of a sentence that names it. */
export class KeySetFault extends Error {
  override readonly name = 'KeySetFault';
}

/** The key set is elsewhere and cannot be read just now. */
export class KeySetAwayError extends Error {
  override readonly name = 'KeySetAwayError';
}

const ALGORITHM_BY_TYPE: Readonly<Record<string, string>> = {
  rsa: 'RS256',
  ec: 'ES256',
  ed25519: 'EdDSA',
};
/** A shorter RSA key is refused whenever it is used. */
const RSA_BITS = 2048;
export const ASYMMETRIC = Object.values(ALGORITHM_BY_TYPE);

/** Members of a JWK that hold what only its owner may know (RFC 7518, 6.2.2, 6.3.2 and 6.4). */
const SECRET_MEMBERS = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

export function secretTokenKey(secret: string): TokenKey {
  return tokenKey(createSecretKey(secret, 'utf8'), 'HS256');
}

/** An RSA, P-256 or Ed25519 public key in PEM; undefined when the text is not one. */
export function publicTokenKey(pem: string): TokenKey | undefined {
  // A private key would be taken too, and its public half made of it: it does not belong here.
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  const key = orUndefined(() => createPublicKey(pem));
  const algorithm = key === undefined ? undefined : algorithmOf(key);
  return key === undefined || algorithm === undefined ? undefined : tokenKey(key, algorithm);
}

/** @throws KeySetFault unless the text is a JSON Web Key Set of public keys, one of them usable. */
export function jwksTokenKey(text: string): TokenKey {
  return { algorithms: ASYMMETRIC, find: createLocalJWKSet({ keys: usableKeys(text) }) };
}

/** The keys of a set that can verify; those of other kinds are left out. @throws KeySetFault */
export function usableKeys(text: string): JWK[] {
  const members = membersOf(text);
  if (members.length === 0) throw new KeySetFault('holds no key');
  if (members.some(isSecret)) {
    throw new KeySetFault('holds a private or a symmetric key: it must hold public keys only');
  }
  const usable = members.filter(isUsable);
  if (usable.length > 0) return usable;
  throw new KeySetFault(`holds no public key that is usable for ${ASYMMETRIC.join(', ')}`);
}

function membersOf(text: string): unknown[] {
  const set: unknown = orUndefined(() => JSON.parse(text));
  const keys = isRecord(set) ? set['keys'] : undefined;
  if (!Array.isArray(keys)) throw new KeySetFault('is not a JSON Web Key Set');
  return keys;
}

function isSecret(member: unknown): boolean {
  if (!isRecord(member)) return false;
  return member['kty'] === 'oct' || SECRET_MEMBERS.some((name) => name in member);
}

function isUsable(member: unknown): member is JWK {
  if (!isRecord(member)) return false;
  const { kid, use, alg, key_ops: operations } = member;
  if (kid !== undefined && typeof kid !== 'string') return false;
  if (use !== undefined && use !== 'sig') return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return false;
  }
  const key = orUndefined(() => createPublicKey({ key: member, format: 'jwk' }));
  const algorithm = key === undefined ? undefined : algorithmOf(key);
  return algorithm !== undefined && (alg === undefined || alg === algorithm);
}

/** Undefined for a kind of key, a curve or a length that is not taken. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  const { namedCurve = 'prime256v1', modulusLength = RSA_BITS } = asymmetricKeyDetails ?? {};
  if (namedCurve !== 'prime256v1' || modulusLength < RSA_BITS) return undefined;
  return ALGORITHM_BY_TYPE[asymmetricKeyType ?? ''];
}

function tokenKey(key: KeyObject, algorithm: string): TokenKey {
  return { algorithms: [algorithm], find: () => key };
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
