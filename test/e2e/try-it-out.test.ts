/** What the pages of the API fill in is what succeeds when it is sent as it stands. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { get } from '../support/exchange-client.ts';
import { openServer, type TestServer } from '../support/server.ts';

type Operation = {
  parameters?: { in: string; name: string; example?: string }[];
  requestBody?: { content: { 'application/json': { example: unknown } } };
  security?: Record<string, string[]>[];
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: Record<string, object> };
};

const ADMIN_KEY = 'a-key-of-the-pages';

let server: TestServer;
let document: Document;

beforeAll(async () => {
  server = await openServer({ ADMIN_KEY });
  document = (await get<Document>(`${server.url}/openapi.json`)).body;
});
afterAll(() => server[Symbol.asyncDispose]());

function operationOf(method: string, path: string): Operation {
  return document.paths[path]?.[method.toLowerCase()] ?? {};
}

/** Sends the examples of an operation and nothing else but the admin key where it is needed. */
function tried(method: string, path: string): Promise<Response> {
  const { parameters = [], requestBody, security = [] } = operationOf(method, path);
  const headers = new Headers();
  if (security.length > 0 && !security.some((way) => Object.keys(way).length === 0)) {
    headers.set('x-admin-key', ADMIN_KEY);
  }
  let filled = path;
  for (const { in: place, name, example } of parameters) {
    if (example === undefined) continue;
    if (place === 'path') filled = filled.replace(`{${name}}`, example);
    if (place === 'header') headers.set(name, example);
  }
  if (requestBody === undefined) return fetch(server.url + filled, { method, headers });
  headers.set('content-type', 'application/json');
  const body = JSON.stringify(requestBody.content['application/json'].example);
  return fetch(server.url + filled, { method, headers, body });
}

test('each example as it stands gets its success, from a new server on', async () => {
  for (const [method, path, status] of [
    ['POST', '/bid', 200],
    ['POST', '/api/v1/bid', 200],
    ['GET', '/stat', 200],
    ['GET', '/api/v1/stat', 200],
    ['POST', '/api/v1/items', 201],
    ['POST', '/api/v1/items/{id}/bid', 200],
    ['GET', '/api/v1/items/{id}', 200],
    ['GET', '/api/v1/items/{id}/bids', 200],
    ['GET', '/api/v1/items', 200],
    ['POST', '/api/v1/items/{id}/remove-bidder', 200],
    ['POST', '/api/v1/items/{id}/close', 200],
  ] as const) {
    const response = await tried(method, path);
    expect([method, path, response.status]).toEqual([method, path, status]);
  }
});

test('each body has an example', () => {
  const without = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods)
      .filter(({ requestBody }) => requestBody !== undefined)
      .filter(({ requestBody }) => requestBody?.content['application/json'].example === undefined)
      .map(() => path),
  );
  // The id of a bid is of one bid only: none would succeed.
  expect(without).toEqual(['/api/v1/items/{id}/retract']);
});

test('routes name the credentials that they take', () => {
  expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['adminKey', 'bearer']);
  const admin = [{ adminKey: [] }, { bearer: [] }];
  expect(operationOf('POST', '/api/v1/items').security).toEqual(admin);
  expect(operationOf('GET', '/api/v1/items').security).toEqual([{}, ...admin]);
  expect(operationOf('POST', '/api/v1/items/{id}/bid').security).toEqual([{}, { bearer: [] }]);
  expect(operationOf('POST', '/bid').security).toBeUndefined();
});
