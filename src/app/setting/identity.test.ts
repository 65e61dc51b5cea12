import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { DOLLAR } from '../../live/rule/currency.ts';
import { trustingIdentity } from '../../server/live/identity.ts';
import { openIdentity } from '../node/identity.ts';
import { ConfigError, describeConfig, type Environment, readConfig } from './config.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const NAMES = { JWT_AUDIENCE: 'gavel', JWT_ISSUER: 'id' };
const PEM = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

function faultsOf(environment: Environment): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('the settings of identity', () => {
  test('have defaults for a laptop', () => {
    expect(readConfig({})).toMatchObject({
      itemsAutoCreate: 'on',
      itemCurrency: DOLLAR,
      bidsPerSecondPerUser: 50,
      authMode: 'off',
      adminKey: '',
      jwtSecret: '',
    });
  });

  test('jwt needs a key, an audience and an issuer', () => {
    const faults = faultsOf({ AUTH_MODE: 'jwt' });
    expect(faults).toContain('exactly one of JWT_SECRET, JWT_PUBLIC_KEY, JWT_JWKS');
    expect(faults).toContain('needs JWT_AUDIENCE');
    expect(faults).toContain('needs JWT_ISSUER');
    expect(faultsOf({ AUTH_MODE: 'jwt', ...NAMES, JWT_SECRET: SECRET })).toBe('');
    expect(faultsOf({ AUTH_MODE: 'jwt', ...NAMES, JWT_SECRET: SECRET, JWT_JWKS: 'k' })).toContain(
      'exactly one',
    );
  });

  test('every bad value is listed in one message, and no secret is in it', () => {
    const faults = faultsOf({
      AUTH_MODE: 'jwt',
      JWT_SECRET: 'hush',
      JWT_PUBLIC_KEY: 'nonsense',
      JWT_AUDIENCE: 'gavel',
      ADMIN_KEY: 'too short',
      ITEMS_AUTO_CREATE: 'perhaps',
      BIDS_PER_SECOND_PER_USER: '-1',
    });
    const listed = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'ADMIN_KEY', 'ITEMS_AUTO_CREATE'];
    for (const name of [...listed, 'BIDS_PER_SECOND_PER_USER', 'JWT_ISSUER']) {
      expect(faults).toContain(name);
    }
    expect(faults).not.toContain('hush');
    expect(faults).not.toContain('too short');
  });

  test.each([
    ['fifteen-charact', false],
    ['sixteen-characte', true],
    ['sixteen characte', false],
    ['sixteen-charactè', false],
  ])('the admin key %p is taken: %p', (key, isTaken) => {
    expect(faultsOf({ ADMIN_KEY: key }) === '').toBe(isTaken);
  });

  test('a public key may be written with \\n for its line breaks', () => {
    const { jwtPublicKey } = readConfig({
      AUTH_MODE: 'jwt',
      ...NAMES,
      JWT_PUBLIC_KEY: PEM.replaceAll('\n', '\\n'),
    });
    expect(jwtPublicKey).toBe(PEM);
  });

  test('secrets are masked where settings are shown', () => {
    const lines = describeConfig({ JWT_SECRET: SECRET, ADMIN_KEY: 'an-admin-key-of-20ch' });
    const shown = JSON.stringify(lines);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain('an-admin-key-of-20ch');
  });
});

describe('what protects nothing', () => {
  test.each([
    ['JWT_SECRET', SECRET],
    ['JWT_PUBLIC_KEY', PEM],
    ['JWT_JWKS', 'keys.json'],
    ['JWT_AUDIENCE', 'gavel'],
    ['JWT_ISSUER', 'https://id.example'],
    ['JWT_LEEWAY_SECONDS', '30'],
  ])('%s without AUTH_MODE=jwt is refused by its name', (variable, value) => {
    for (const mode of [{}, { AUTH_MODE: 'off' }]) {
      expect(faultsOf({ ...mode, [variable]: value })).toContain(
        `${variable}: protects nothing without AUTH_MODE="jwt"`,
      );
    }
  });
});

describe('the place of a key set', () => {
  const faults = (place: string) => faultsOf({ AUTH_MODE: 'jwt', ...NAMES, JWT_JWKS: place });

  test.each([
    'keys.json',
    '/etc/gavel/keys.json',
    'https://id.example/.well-known/jwks.json',
    'http://localhost:9000/jwks',
    'http://127.0.0.1:9000/jwks',
    'http://[::1]:9000/jwks',
  ])('%s may be it', (place) => {
    expect(faults(place)).toBe('');
  });

  test.each([
    'http://id.example/jwks',
    'http://127.0.0.1.example/jwks',
    'file:///etc/keys.json',
    'ftp://id.example/jwks',
    'https://',
    'https://me:secret@id.example/jwks',
  ])('%s may not', (place) => {
    expect(faults(place)).toContain('JWT_JWKS');
  });
});

describe('identity as configured', () => {
  const log = { warn() {} };
  const open = (settings: Record<string, string>) =>
    openIdentity({ config: readConfig(settings), clock: createManualClock(), log });

  test('is trusting when AUTH_MODE is off, and asks for a token otherwise', async () => {
    expect(await open({})).toBe(trustingIdentity);
    for (const key of [{ JWT_SECRET: SECRET }, { JWT_PUBLIC_KEY: PEM.trim() }]) {
      const identity = await open({ AUTH_MODE: 'jwt', ...NAMES, ...key });
      const request = new Request('http://gavel.test/');
      expect(() => identity.bidderOf(request, 'ann')).toThrow('must hold a token');
    }
  });

  test('a key set that cannot be read or used is a fault of the configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gavel-keys-'));
    const path = join(folder, 'keys.json');
    const fault = () =>
      open({ AUTH_MODE: 'jwt', ...NAMES, JWT_JWKS: path }).catch(({ name, message }) => ({
        name,
        message,
      }));
    const says = (words: string) => ({
      name: 'ConfigError',
      message: `JWT_JWKS="${path}": ${words}`,
    });
    expect(await fault()).toEqual(says('cannot be read as a file'));
    await Bun.write(path, '{}');
    expect(await fault()).toEqual(says('is not a JSON Web Key Set'));
    await Bun.write(path, '{"keys":[]}');
    expect(await fault()).toEqual(says('holds no key'));
    await rm(folder, { recursive: true });
  });
});
