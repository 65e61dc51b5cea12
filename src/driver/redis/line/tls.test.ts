/** Encrypted connections, with a certificate that only one process trusts. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { freePort } from '../../../../deploy/local/free-port.ts';
import { openRedisServer, type RedisServer } from '../../../../deploy/local/redis.ts';
import { openRedisAt } from '../../../../test/support/redis-connection.ts';

const WAIT_MS = 2_000;
const SUPPORT = join(import.meta.dirname, '../../../../test/support/redis-connection.ts');

/** Makes a key and a self-signed certificate for this machine. */
async function makeCertificate(folder: string): Promise<{ key: string; certificate: string }> {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', certificate];
  const openssl = Bun.spawn(['openssl', 'req', ...kind, ...name, ...files], { stderr: 'ignore' });
  expect(await openssl.exited).toBe(0);
  return { key, certificate };
}

/** Connects from a process that trusts the certificate, or does not. */
async function seenBy(port: number, trusted: Record<string, string>): Promise<string> {
  const script = `
    import { openRedisAt } from '${SUPPORT}';
    const told = [];
    const addresses = [{ host: '127.0.0.1', port: ${port} }];
    const place = { mode: 'single', addresses, masterName: null, password: null, db: 0, tls: true };
    await using redis = openRedisAt(place, { onError: (error) => told.push(error.message) });
    console.log(await redis.whenUp(${WAIT_MS}) ? 'up' : told.join());`;
  const child = Bun.spawn([process.execPath, '-e', script], { env: trusted, stdout: 'pipe' });
  return (await child.stdout.text()).trim();
}

async function listenWithTls({ folder, port }: RedisServer): Promise<number> {
  const { key, certificate } = await makeCertificate(folder);
  const tlsPort = await freePort();
  const addresses = [{ host: '127.0.0.1', port }];
  const place = { mode: 'single', addresses, masterName: null, password: null, db: 0 } as const;
  await using redis = openRedisAt(place);
  expect(await redis.whenUp(WAIT_MS)).toBe(true);
  const files = [
    'tls-cert-file',
    certificate,
    'tls-key-file',
    key,
    'tls-ca-cert-file',
    certificate,
  ];
  const settings = ['tls-auth-clients', 'no', 'tls-port', `${tlsPort}`];
  await redis.client.call('CONFIG', 'SET', ...files, ...settings);
  return tlsPort;
}

test('an encrypted connection is made where the certificate is trusted, and only there', async () => {
  await using server = await openRedisServer();
  const port = await listenWithTls(server);
  const certificate = join(server.folder, 'tls.crt');
  expect(await seenBy(port, { NODE_EXTRA_CA_CERTS: certificate })).toBe('up');
  expect(await seenBy(port, {})).toContain('certificate');
}, 20_000);
