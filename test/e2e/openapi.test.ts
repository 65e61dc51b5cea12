/** The OpenAPI document and its pages: valid, complete, and true of what the server answers. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { BAD_REQUESTS, STATUS_OF } from '../support/bad-request.ts';
import { BATCH_EXAMPLE, bid, bidBatch, get, post, type Reply } from '../support/exchange-client.ts';
import { isObject, type JsonSchema, resolveRef, schemaFaults } from '../support/json-schema.ts';
import { openServer, type TestServer } from '../support/server.ts';

type Operation = {
  summary: string;
  operationId: string;
  tags: string[];
  parameters?: {
    in: string;
    name: string;
    description: string;
    required: boolean;
    schema: JsonSchema;
  }[];
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> };
  responses: Record<
    string,
    { description: string; headers?: JsonSchema; content: Record<string, { schema: JsonSchema }> }
  >;
};
type Document = JsonSchema & {
  openapi: string;
  info: Record<string, unknown>;
  paths: Record<string, Record<string, Operation>>;
};

const ROUTES = [
  ...['GET /', 'GET /health', 'GET /health/live', 'GET /health/ready'],
  ...['GET /supplies', 'POST /bid', 'GET /stat', 'GET /openapi.json'],
  ...['POST /api/v1/bid', 'GET /api/v1/stat', 'GET /api/v1/auctions/{id}'],
  ...['GET /api/v1/items', 'POST /api/v1/items', 'GET /api/v1/items/{id}', 'GET /ws'],
  ...['POST /api/v1/items/{id}/bid', 'GET /api/v1/items/{id}/bids'],
  ...['POST /api/v1/items/{id}/close', 'POST /api/v1/items/{id}/retract'],
  'POST /api/v1/items/{id}/remove-bidder',
];
const ADMIN_KEY = 'a key of the openapi test';
const US = { supply_id: 'supply1', country: 'US' };

let server: TestServer;
let document: Document;

beforeAll(async () => {
  server = await openServer({
    RATE_LIMIT_MAX_REQUESTS: '1000',
    ADMIN_KEY: ADMIN_KEY.replaceAll(' ', '-'),
  });
  document = (await get<Document>(`${server.url}/openapi.json`)).body;
});
afterAll(() => server[Symbol.asyncDispose]());

function operations(): { name: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );
}

/** Live items are walked by a test of their own, and their refusals in `items*.test.ts`. */
function exchangeOperations() {
  return operations().filter(({ path }) => !path.startsWith('/api/v1/items') && path !== '/ws');
}

function operationOf(name: string): Operation {
  const found = operations().find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not documented`);
  return found.operation;
}

function everyObject(node: unknown): Record<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(everyObject);
  if (!isObject(node)) return [];
  return [node, ...Object.values(node).flatMap(everyObject)];
}

/** The document's schema for the answer of a route with a status. */
function answerSchema(name: string, status: number): JsonSchema {
  const response = operationOf(name).responses[String(status)];
  const schema = response?.content['application/json']?.schema;
  if (schema === undefined) throw new Error(`${name} does not document ${status}`);
  return schema;
}

function expectAsDocumented(name: string, { status, body, headers }: Reply): void {
  expect(schemaFaults(body, answerSchema(name, status), document)).toEqual([]);
  const promised = Object.keys(operationOf(name).responses[String(status)]?.headers ?? {});
  for (const header of promised) expect(headers.get(header)).toMatch(/^\d+$/);
}

describe('/openapi.json', () => {
  test('is an OpenAPI 3.1 document', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Gavel', version: expect.any(String) });
    const allowed = ['openapi', 'info', 'servers', 'paths', 'components', 'tags', 'externalDocs'];
    for (const key of Object.keys(document)) expect(allowed).toContain(key);
  });

  test('describes every route that is not a page, and no other', () => {
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...ROUTES].sort());
  });

  test('names each operation once and says what it does, takes and answers', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9]*$/);
      expect(operation.summary).toMatch(/^.{5,120}$/);
      expect(operation.tags).toHaveLength(1);
      for (const status of Object.keys(operation.responses)) expect(status).toMatch(/^[2345]\d\d$/);
      for (const { description } of Object.values(operation.responses))
        expect(description).not.toBe('');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = operation.parameters ?? [];
      const required = parameters.filter((one) => one.in === 'path');
      expect(required.map(({ name }) => name)).toEqual(inPath as string[]);
      for (const one of parameters) {
        expect(['path', 'query', 'header']).toContain(one.in);
        expect(one.required).toBe(one.in === 'path' || (path === '/ws' && one.name === 'item_id'));
        expect(isObject(one.schema)).toBeTrue();
      }
    }
  });

  test('points nowhere in vain', () => {
    const refs = everyObject(document).flatMap(({ $ref }) =>
      typeof $ref === 'string' ? $ref : [],
    );
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) expect(() => resolveRef(ref, document)).not.toThrow();
  });

  test('holds for a real answer of every route', async () => {
    const held = await bid(server.url, US);
    const batches = await Promise.all(
      Array.from({ length: 10 }, () => bidBatch(server.url, BATCH_EXAMPLE)),
    );
    expectAsDocumented('POST /bid', held);
    for (const batch of batches) expectAsDocumented('POST /api/v1/bid', batch);
    const documented = exchangeOperations().filter(({ name }) => name.startsWith('GET '));
    for (const { name, path } of documented) {
      const reply = await get(server.url + path.replace('{id}', held.body.auction_id));
      expect(reply.status).toBe(200);
      expectAsDocumented(name, reply);
    }
  });

  test('holds for a real answer of every route of live items', async () => {
    const admin = { 'x-admin-key': ADMIN_KEY.replaceAll(' ', '-') };
    const items = `${server.url}/api/v1/items`;
    const item = {
      id: 'L1',
      name: 'Watch',
      start_price: 10,
      increment: { type: 'fixed', amount: 1 },
    };
    expectAsDocumented('POST /api/v1/items', await post(items, item, admin));
    const bidOn = (amount: number) => post(`${items}/L1/bid`, { user_id: 'ann', amount });
    const accepted = await bidOn(10);
    expect(accepted.status).toBe(200);
    expectAsDocumented('POST /api/v1/items/{id}/bid', accepted);
    const refused = await bidOn(10);
    expect(refused.status).toBe(409);
    expectAsDocumented('POST /api/v1/items/{id}/bid', refused);
    expectAsDocumented('GET /api/v1/items/{id}', await get(`${items}/L1`));
    expectAsDocumented('GET /api/v1/items/{id}/bids', await get(`${items}/L1/bids`));
    expectAsDocumented('GET /api/v1/items', await get(items));
    const { bid_id } = accepted.body as { bid_id: string };
    const retracted = await post(`${items}/L1/retract`, { bid_id }, admin);
    expectAsDocumented('POST /api/v1/items/{id}/retract', retracted);
    await post(`${items}/L1/bid`, { user_id: 'eve', amount: 900 });
    const removed = await post(`${items}/L1/remove-bidder`, { user_id: 'eve' }, admin);
    expectAsDocumented('POST /api/v1/items/{id}/remove-bidder', removed);
    expectAsDocumented('POST /api/v1/items/{id}/close', await post(`${items}/L1/close`, {}, admin));
  });

  test('promises no error that its routes have not shown, and each is listed for its route', async () => {
    const seen = new Set<string>();
    for (const { method, path, error } of BAD_REQUESTS) {
      if (error === 'not_found' || error === 'method_not_allowed') continue;
      const name = `${method} ${path.replace(/\?.*/, '').replace(/(auctions)\/.*/, '$1/{id}')}`;
      expect(listedErrors(name, STATUS_OF[error])).toContain(error);
      seen.add(`${name} ${error}`);
    }
    seen.add('POST /bid rate_limit_exceeded').add('POST /api/v1/bid rate_limit_exceeded');
    const promised = exchangeOperations().flatMap(({ name, operation }) =>
      Object.keys(operation.responses)
        .filter((status) => status !== '200' && status !== '503')
        .flatMap((status) => listedErrors(name, Number(status)).map((error) => `${name} ${error}`)),
    );
    expect(promised.sort()).toEqual([...seen].sort());
  });

  function listedErrors(name: string, status: number): string[] {
    const text = operationOf(name).responses[String(status)]?.description ?? '';
    return /error: (.*)$/.exec(text)?.[1]?.split(', ') ?? [];
  }

  test('holds for a real refusal of every status that it lists', async () => {
    await using strict = await openServer({ RATE_LIMIT_MAX_REQUESTS: '1' });
    const text = { 'content-type': 'text/plain' };
    for (const [path, good] of [
      ['/bid', US],
      ['/api/v1/bid', BATCH_EXAMPLE],
    ] as const) {
      const url = strict.url + path;
      const headers: Record<string, string> = { 'x-forwarded-for': '203.0.113.7' };
      const refusals = [
        await post(url, {}, headers),
        await post(url, { pad: ' '.repeat(20_000) }),
        await post(url, good, text),
        ...[await post(url, good), await post(url, good)].slice(-1),
      ];
      expect(refusals.map(({ status }) => status)).toEqual([400, 413, 415, 429]);
      for (const refusal of refusals) expectAsDocumented(`POST ${path}`, refusal);
    }
    expectAsDocumented('GET /stat', await get(`${strict.url}/stat?limit=0`));
    const name = 'GET /api/v1/auctions/{id}';
    expectAsDocumented(name, await get(`${strict.url}/api/v1/auctions/nobody`));
  });
});

describe('the pages', () => {
  const pages = ['/docs', '/docs/', '/api/docs', '/api/docs/', '/redoc', '/redoc/'];

  test.each(pages)(
    '%s loads nothing from another host, and its policy forbids it',
    async (path) => {
      const response = await fetch(server.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toStartWith('text/html');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      const page = await response.text();
      const links = [...page.matchAll(/(?:src|href|url)="([^"]*)"/g)].map(([, link]) => link ?? '');
      expect(links.length).toBeGreaterThan(1);
      for (const link of links) {
        expect(link).toMatch(/^(\.\.\/)*[a-z]/);
        // As a browser finds it behind a proxy that takes `/a/b` off.
        const { pathname } = new URL(link, `http://proxy/a/b${path}`);
        expect(pathname).toStartWith('/a/b/');
        const asset = await fetch(server.url + pathname.slice('/a/b'.length));
        expect([link, asset.status]).toEqual([link, 200]);
        expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(20);
      }
      expect(page).not.toMatch(/https?:|<script>[^<]/);
    },
  );

  test('name the document and the server from their own place', async () => {
    const start = await (await fetch(`${server.url}/docs/start.js`)).text();
    expect(start).toContain("new URL('../openapi.json', document.currentScript.src)");
    const [entry] = document['servers'] as { url: string }[];
    expect(new URL(entry?.url ?? '', 'http://proxy/a/b/openapi.json').pathname).toBe('/a/b/');
  });

  test('serve their assets with the media type that a browser asks for', async () => {
    for (const [path, type] of [
      ['/docs/swagger-ui.css', 'text/css'],
      ['/docs/swagger-ui-bundle.js', 'text/javascript'],
      ['/docs/start.js', 'text/javascript'],
      ['/redoc/redoc.standalone.js', 'text/javascript'],
      ['/docs/favicon-32x32.png', 'image/png'],
    ] as const) {
      const { headers } = await fetch(server.url + path);
      expect([path, headers.get('content-type')?.split(';')[0]]).toEqual([path, type]);
    }
  });
});
