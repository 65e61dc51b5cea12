/** Settings of who may bid, and who may open, close and retract. */
import { integer, isKeySetPlace, oneOf, readPublicKey, text } from './kind.ts';
import { section, sentencesOf, setting, type ValuesOf } from './section.ts';

const JWT_SECRET_BYTES = 32;
const ADMIN_KEY_CHARACTERS = 16;

const MODE = {
  authMode: setting({
    variable: 'AUTH_MODE',
    fallback: 'off',
    purpose: 'off believes the user_id of a bid, jwt takes it from a token',
    ...oneOf(['off', 'jwt']),
  }),
};

const TOKEN = {
  jwtSecret: setting({
    variable: 'JWT_SECRET',
    purpose: 'verifies tokens of HS256',
    isSecret: true,
    ...text(
      `at least ${JWT_SECRET_BYTES} bytes`,
      (secret) => Buffer.byteLength(secret) >= JWT_SECRET_BYTES,
    ),
  }),
  jwtPublicKey: setting({
    variable: 'JWT_PUBLIC_KEY',
    purpose: 'verifies tokens of RS256, ES256 or EdDSA',
    // Not one, but a private key may be put here by mistake, and a fault quotes what it refuses.
    isSecret: true,
    ...text('a public key in PEM (RSA, P-256 or Ed25519)'),
    read: readPublicKey,
  }),
  jwtJwks: setting({
    variable: 'JWT_JWKS',
    purpose: 'verifies tokens of RS256, ES256 or EdDSA by key id',
    ...text(
      'the path of a JSON Web Key Set, its https:// URL, or its http:// URL on this machine',
      isKeySetPlace,
    ),
  }),
  jwtAudience: setting({
    variable: 'JWT_AUDIENCE',
    purpose: 'the aud that a token must have',
    ...text('any text'),
  }),
  jwtIssuer: setting({
    variable: 'JWT_ISSUER',
    purpose: 'the iss that a token must have',
    ...text('any text'),
  }),
};

const LEEWAY = {
  jwtLeewaySeconds: setting({
    variable: 'JWT_LEEWAY_SECONDS',
    fallback: '30',
    purpose: 'by how much the clock of the issuer may be off: for exp, nbf and iat',
    ...integer(0, 300),
  }),
};

const ADMIN = {
  adminKey: setting({
    variable: 'ADMIN_KEY',
    purpose: 'opens the admin routes; without it they are shut',
    isSecret: true,
    ...text(
      `at least ${ADMIN_KEY_CHARACTERS} characters without spaces`,
      (key) => key.length >= ADMIN_KEY_CHARACTERS && /^[!-~]+$/.test(key),
    ),
  }),
};

export const identitySection = section({
  title: 'Identity',
  rows: { ...MODE, ...TOKEN, ...LEEWAY, ...ADMIN },
  /** What AUTH_MODE=jwt needs of its neighbours; a value that is refused already counts as there. */
  faults: ({ authMode, jwtSecret, jwtPublicKey, jwtJwks, jwtAudience, jwtIssuer }, isGiven) => {
    if (authMode === 'off') return idleFaults(isGiven);
    if (authMode !== 'jwt') return [];
    const keys = [jwtSecret, jwtPublicKey, jwtJwks].filter((key) => key !== '').length;
    return sentencesOf([
      [keys !== 1, 'AUTH_MODE="jwt": needs exactly one of JWT_SECRET, JWT_PUBLIC_KEY, JWT_JWKS'],
      [jwtAudience === '', 'AUTH_MODE="jwt": needs JWT_AUDIENCE'],
      [jwtIssuer === '', 'AUTH_MODE="jwt": needs JWT_ISSUER'],
    ]);
  },
});

/** Whoever sets these believes that bids need a token. */
function idleFaults(isGiven: (variable: string) => boolean): readonly string[] {
  return Object.values({ ...TOKEN, ...LEEWAY })
    .filter(({ variable }) => isGiven(variable))
    .map(({ variable }) => `${variable}: protects nothing without AUTH_MODE="jwt"`);
}

export type IdentityConfig = ValuesOf<typeof identitySection.rows>;
