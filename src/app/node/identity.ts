/** Identity as a configuration has it: believed, or proved by tokens of one key or key set. */
import { readFileSync } from 'node:fs';
import {
  createTokenIdentity,
  type Identity,
  trustingIdentity,
} from '../../server/live/identity.ts';
import { openRemoteKeySet } from '../../server/live/remote-key-set.ts';
import {
  jwksTokenKey,
  KeySetFault,
  publicTokenKey,
  secretTokenKey,
  type TokenKey,
} from '../../server/live/token-key.ts';
import { ConfigError } from '../setting/config.ts';
import { isKeySetUrl } from '../setting/kind.ts';
import type { NodeParts } from './parts.ts';

export type IdentityParts = Pick<NodeParts, 'config' | 'clock'> & {
  readonly log: Pick<NodeParts['log'], 'warn'>;
};

/**
 * A key set that cannot be reached holds up no start: it is read when the first token comes.
 * @throws ConfigError when the key set is none or cannot be used
 */
export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const { config, clock } = parts;
  if (config.authMode === 'off') return trustingIdentity;
  const { jwtAudience: audience, jwtIssuer: issuer, jwtLeewaySeconds: leewaySeconds } = config;
  return createTokenIdentity({ key: await openKey(parts), audience, issuer, leewaySeconds }, clock);
}

async function openKey(parts: IdentityParts): Promise<TokenKey> {
  const { jwtSecret, jwtPublicKey, jwtJwks } = parts.config;
  if (jwtSecret !== '') return secretTokenKey(jwtSecret);
  const key = jwtPublicKey === '' ? undefined : publicTokenKey(jwtPublicKey);
  if (key !== undefined) return key;
  try {
    return isKeySetUrl(jwtJwks) ? await openRemote(parts) : jwksTokenKey(textOf(jwtJwks));
  } catch (error) {
    if (!(error instanceof KeySetFault)) throw error;
    throw new ConfigError(`JWT_JWKS="${jwtJwks}": ${error.message}`);
  }
}

async function openRemote({ config, clock, log }: IdentityParts): Promise<TokenKey> {
  const url = new URL(config.jwtJwks);
  const onAway = (err: unknown) => log.warn({ err }, 'JWT_JWKS cannot be read; trying again');
  const keys = openRemoteKeySet({ url, clock, onAway });
  await keys.reload().catch((error: unknown) => {
    if (error instanceof KeySetFault) throw error;
  });
  return keys;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new KeySetFault('cannot be read as a file');
  }
}
