/** Addresses as people and proxies write them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The status of a path that no client has tidied up. */
function statusOf(path: string, method = 'GET'): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('close', () => resolve(Number(text.split(' ', 2)[1])));
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: gavel\r\nConnection: close\r\n\r\n`);
  return promise;
}

describe('a path', () => {
  const PATHS = ['/docs', '/redoc', '/stat', '/health', '/health/live', '/supplies'];

  test.each([...PATHS, '/openapi.json', '/api/v1/items', '/api/v1/stat'])(
    '%p may end in a slash',
    async (path) => {
      expect(await statusOf(path)).toBe(200);
      expect(await statusOf(`${path}/`)).toBe(200);
      expect(await statusOf(`${path}/?x=/`)).toBe(200);
      expect(await statusOf(`${path}/`, 'DELETE')).toBe(405);
    },
  );

  test('of an item may end in a slash', async () => {
    expect(await statusOf('/api/v1/items/lamp/')).toBe(await statusOf('/api/v1/items/lamp'));
    expect(await statusOf('/api/v1/items/a~b/')).toBe(400);
  });

  test.each(['/./stat', '/x/../stat', '/stat/.', '/x/%2e%2e/stat', '/./api/v1/items'])(
    '%p is the same without its dots',
    async (path) => {
      expect(await statusOf(path)).toBe(200);
      expect(await statusOf(path, 'HEAD')).toBe(200);
      expect(await statusOf(path, 'DELETE')).toBe(405);
    },
  );

  test('with dots gives its id along', async () => {
    expect(await statusOf('/./api/v1/items/lamp')).toBe(await statusOf('/api/v1/items/lamp'));
    expect(await statusOf('/./api/v1/items/a~b')).toBe(400);
  });

  test.each(['//stat', '/stat//', '//gavel.example/stat', '/.//stat', '/STAT', '/stat;x'])(
    '%p is another, whatever the method',
    async (path) => {
      expect(await statusOf(path)).toBe(404);
      expect(await statusOf(path, 'POST')).toBe(404);
    },
  );
});
