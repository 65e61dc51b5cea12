/** Identity as a configuration has it: believed, or proved by tokens of one key. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../core/clock.ts';
import {
  createTokenIdentity,
  type Identity,
  trustingIdentity,
} from '../../server/live/identity.ts';
import {
  jwksTokenKey,
  publicTokenKey,
  secretTokenKey,
  type TokenKey,
} from '../../server/live/token-key.ts';
import { ConfigError } from '../setting/config.ts';
import type { IdentityConfig } from '../setting/identity.ts';

/** @throws ConfigError when the key set cannot be read. */
export function createIdentity(config: IdentityConfig, clock: Clock): Identity {
  if (config.authMode === 'off') return trustingIdentity;
  const { jwtAudience: audience, jwtIssuer: issuer } = config;
  return createTokenIdentity({ key: keyOf(config), audience, issuer }, clock);
}

function keyOf({ jwtSecret, jwtPublicKey, jwtJwks }: IdentityConfig): TokenKey {
  if (jwtSecret !== '') return secretTokenKey(jwtSecret);
  const key = jwtPublicKey === '' ? jwksTokenKey(textOf(jwtJwks)) : publicTokenKey(jwtPublicKey);
  if (key === undefined) throw new ConfigError(`JWT_JWKS="${jwtJwks}": not a JSON Web Key Set`);
  return key;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`JWT_JWKS="${path}": this file cannot be read`);
  }
}
