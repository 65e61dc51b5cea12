/** Headers that hold a browser to what an answer is, and the switches of what is told. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { post } from '../support/exchange-client.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const JSON_PATHS = ['/', '/health', '/stat', '/supplies', '/openapi.json', '/nowhere'];
const PAGES = ['/docs', '/redoc'];
const ASSETS = ['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js'];

describe('an answer', () => {
  test.each([...JSON_PATHS, ...PAGES, ...ASSETS, '/redoc/redoc.standalone.js'])(
    '%s is held to what it is, and framed by nobody',
    async (path) => {
      const { headers } = await fetch(server.url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    },
  );

  test.each(JSON_PATHS)('%s is kept by no cache', async (path) => {
    expect((await fetch(server.url + path)).headers.get('cache-control')).toBe('no-store');
  });

  test('to a POST is kept by no cache either, taken or refused', async () => {
    for (const body of [{ supply_id: 'supply1' }, {}]) {
      const { headers } = await post(`${server.url}/bid`, body);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test.each([...PAGES, ...ASSETS])('%s has a policy that no base changes', async (path) => {
    const { headers } = await fetch(server.url + path);
    expect(headers.get('content-security-policy')).toContain("base-uri 'none'");
    expect(headers.get('cache-control')).not.toBe('no-store');
  });
});

test('DOCS=off serves neither the document nor its pages', async () => {
  await using bare = await openServer({ DOCS: 'off' });
  for (const path of ['/docs', '/api/docs', '/redoc', '/openapi.json', ...ASSETS]) {
    expect((await fetch(bare.url + path)).status).toBe(404);
  }
  expect((await fetch(`${bare.url}/health`)).status).toBe(200);
});
