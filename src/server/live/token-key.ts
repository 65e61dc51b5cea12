/** What tokens are verified with, each kind with the only algorithms that it may be used for. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** A key and its algorithms go together: a public key can never be taken for an HMAC secret. */
export type TokenKey = {
  readonly algorithms: readonly string[];
  readonly find: JWTVerifyGetKey;
};

const ALGORITHM_BY_TYPE: Readonly<Record<string, string>> = {
  rsa: 'RS256',
  ec: 'ES256',
  ed25519: 'EdDSA',
};
const ASYMMETRIC = ['RS256', 'ES256', 'EdDSA'];

export function secretTokenKey(secret: string): TokenKey {
  return tokenKey(createSecretKey(secret, 'utf8'), 'HS256');
}

/** An RSA, P-256 or Ed25519 public key in PEM; undefined when the text is not one. */
export function publicTokenKey(pem: string): TokenKey | undefined {
  const key = publicKey(pem);
  const algorithm = ALGORITHM_BY_TYPE[key?.asymmetricKeyType ?? ''];
  const curve = key?.asymmetricKeyDetails?.namedCurve ?? 'prime256v1';
  if (key === undefined || algorithm === undefined || curve !== 'prime256v1') return undefined;
  return tokenKey(key, algorithm);
}

/** The text of a JSON Web Key Set; undefined when it is not one. */
export function jwksTokenKey(text: string): TokenKey | undefined {
  try {
    const keys = JSON.parse(text) as JSONWebKeySet;
    return { algorithms: ASYMMETRIC, find: createLocalJWKSet(keys) };
  } catch {
    return undefined;
  }
}

function tokenKey(key: KeyObject, algorithm: string): TokenKey {
  return { algorithms: [algorithm], find: () => key };
}

function publicKey(pem: string): KeyObject | undefined {
  // A private key would be taken too, and its public half made of it: it does not belong here.
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
