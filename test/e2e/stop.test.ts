import { expect, test } from 'bun:test';
import { connect } from 'node:net';
import { openServer } from '../support/server.ts';

const CLIENTS = 64;

type Client = { readonly ended: Promise<'closed' | 'cut'>; readonly answered: Promise<void> };

/** Asks again and again on one connection until an answer says that it is the last. */
function openBusyClient(port: number): Client {
  const socket = connect({ port, host: '127.0.0.1' });
  const ended = Promise.withResolvers<'closed' | 'cut'>();
  const answered = Promise.withResolvers<void>();
  let isLast = false;
  const ask = () => socket.write('GET /health/live HTTP/1.1\r\nHost: gavel\r\n\r\n');
  socket.on('connect', ask);
  socket.on('data', (bytes) => {
    answered.resolve();
    isLast = /^connection: close\r$/im.test(bytes.toString('latin1'));
    if (!isLast) ask();
  });
  socket.on('error', () => ended.resolve('cut'));
  socket.on('close', () => ended.resolve(isLast ? 'closed' : 'cut'));
  return { ended: ended.promise, answered: answered.promise };
}

test('a stop cuts no busy keep-alive connection', async () => {
  await using server = await openServer();
  const { port } = new URL(server.url);
  const clients = Array.from({ length: CLIENTS }, () => openBusyClient(Number(port)));
  await Promise.all(clients.map(({ answered }) => answered));
  server.kill('SIGTERM');
  const ends = await Promise.all(clients.map(({ ended }) => ended));
  expect(ends.filter((end) => end === 'cut')).toEqual([]);
  expect(await server.exited).toBe(0);
}, 20_000);
