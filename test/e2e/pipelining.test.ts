/**
 * What Bun 1.4.5 does with requests that come close together on one connection, bare and behind nginx.
 *
 * The first test pins a fault of Bun (oven-sh/bun#38128): when it fails, Bun is mended, and the entry in
 * docs/operating.md goes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { openNginx } from '../../deploy/local/nginx.ts';

const DONE = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

let node: Bun.Server<undefined>;
let slowAsked: () => void = () => {};

beforeAll(() => {
  node = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/slow') {
        slowAsked();
        // A later turn of the loop: long enough for what follows to be read.
        await Bun.sleep(50);
      }
      const body = request.method === 'POST' ? await request.text() : '';
      return new Response(`<${pathname}${body}>`);
    },
  });
});
afterAll(() => node.stop(true));

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** All bytes that come until the other side ends. */
function answersTo(port: number, bytes: string, isHalfClosed = false): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('end', () => {
    socket.destroy();
    resolve(text);
  });
  if (isHalfClosed) socket.end(bytes);
  else socket.write(bytes);
  return promise;
}

const bodiesOf = (text: string) => text.match(/<[^>]*>/g) ?? [];

describe('Bun alone', () => {
  test('loses all answers when the first of two pipelined requests answers later', async () => {
    const asked = new Promise<void>((resolve) => {
      slowAsked = resolve;
    });
    expect(await answersTo(Number(node.port), get('/slow') + DONE)).toBe('');
    await asked;
  });

  test('loses a late answer to a client that has closed its half, and no prompt one', async () => {
    expect(await answersTo(Number(node.port), get('/slow'), true)).toBe('');
    expect(bodiesOf(await answersTo(Number(node.port), get('/fast'), true))).toEqual(['</fast>']);
  });

  test('answers pipelined requests in order when each is answered at once', async () => {
    const text = await answersTo(Number(node.port), get('/a') + get('/b') + DONE);
    expect(bodiesOf(text)).toEqual(['</a>', '</b>', '</last>']);
  });

  test('takes chunked trailers for a second request, and refuses that one', async () => {
    const head = 'POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const text = await answersTo(Number(node.port), `${head}3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n`);
    expect(bodiesOf(text)).toEqual(['</pabc>']);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });
});

describe('behind nginx', () => {
  test('answers come in order, late ones too, to a half-closed client too; trailers draw none', async () => {
    const address = `127.0.0.1:${node.port}`;
    await using nginx = await openNginx({ api: [address], broadcast: [address] });
    const port = Number(new URL(nginx.url).port);
    const late = await answersTo(port, get('/slow') + get('/fast') + DONE);
    expect(bodiesOf(late)).toEqual(['</slow>', '</fast>', '</last>']);
    const head = 'POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunked = await answersTo(port, `${head}3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n${DONE}`);
    expect(bodiesOf(chunked)).toEqual(['</pabc>', '</last>']);
    expect(bodiesOf(await answersTo(port, get('/slow'), true))).toEqual(['</slow>']);
  });
});
