/**
 * Loopback ports for servers that must find each other again after a restart.
 *
 * They are below the range that the kernel uses for outgoing connections: otherwise a client of any
 * process could take the port of a server that is just being restarted.
 */
import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

export const LOOPBACK = '127.0.0.1';
const PORT_LOW = 12_000;
const PORT_HIGH = 32_000;
const KEPT_FILE = 'port';

/** Ports assigned by this process, perhaps to servers that do not listen yet. */
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORT_LOW, PORT_HIGH);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

/** The previous port of a folder, if it is still free; else a new one, stored in the folder. */
export async function keptPort(folder: string, file = KEPT_FILE): Promise<number> {
  const path = join(folder, file);
  const kept = Number(await readFile(path, 'utf8').catch(() => ''));
  if (kept > 0 && (await isFree(kept))) return kept;
  const port = await freePort();
  await writeFile(path, `${port}\n`);
  return port;
}

export function isFree(port: number, host = LOOPBACK): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}

export function isListening(port: number, host = LOOPBACK): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host });
  socket.once('error', () => resolve(false));
  socket.once('connect', () => {
    socket.destroy();
    resolve(true);
  });
  return promise;
}
