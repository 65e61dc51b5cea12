/**
 * Hostile and broken input from outside: each gives its 4xx in the one error shape, none gives a
 * 5xx, and the server is the same one afterwards.
 *
 * What is not HTTP at all is refused by the runtime's parser, before Gavel sees it: a bare status
 * line (400, 431; 505 for line ends without a carriage return) and a closed connection. A method
 * that HTTP does not know closes it without a word.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect, isIP } from 'node:net';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { countryOf } from '../../src/exchange/rule/country.ts';
import { AuctionRequest, BatchRequest } from '../../src/server/exchange/schema.ts';
import { BAD_REQUESTS, type BadRequest, STATUS_OF } from '../support/bad-request.ts';
import {
  BATCH_EXAMPLE,
  bid,
  bidBatch,
  type ErrorBody,
  get,
  post,
} from '../support/exchange-client.ts';
import { openServer, type TestServer } from '../support/server.ts';

const RUNS = 300;

let server: TestServer;

beforeAll(async () => {
  server = await openServer({ RATE_LIMIT_MAX_REQUESTS: '0' });
});
afterAll(() => server[Symbol.asyncDispose]());

function send({ method, path, headers, body }: BadRequest): Promise<Response> {
  const sent = typeof body === 'function' ? body() : body;
  return fetch(server.url + path, {
    method,
    headers,
    ...(sent === undefined ? {} : { body: sent }),
  });
}

async function expectErrorShape(response: Response, error: string): Promise<void> {
  expect(response.headers.get('content-type')).toBe('application/json');
  const body = (await response.json()) as ErrorBody;
  expect(Object.keys(body)).toEqual(['error', 'message']);
  expect(body.error).toBe(error);
  expect(body.message).toMatch(/^.{10,600}\.$/);
  expect(body.message).not.toMatch(/\n| at \/|\.ts|node_modules/);
}

describe('the table of bad requests', () => {
  test('has at least 80 rows, no two of a name', () => {
    expect(BAD_REQUESTS.length).toBeGreaterThanOrEqual(80);
    expect(new Set(BAD_REQUESTS.map(({ name }) => name)).size).toBe(BAD_REQUESTS.length);
  });

  test.each(BAD_REQUESTS.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    const response = await send(row);
    expect(response.status).toBe(STATUS_OF[row.error]);
    await expectErrorShape(response, row.error);
    expect(response.headers.get('x-evil')).toBeNull();
    if (response.status === 405)
      expect(response.headers.get('allow')).toMatch(/^(GET, HEAD|POST)$/);
  });

  test('HEAD of a route answers without a body, and 405 where only POST is taken', async () => {
    for (const [path, status] of [
      ['/supplies', 200],
      ['/bid', 405],
      ['/nope', 404],
    ] as const) {
      const response = await fetch(server.url + path, { method: 'HEAD' });
      expect([path, response.status, await response.text()]).toEqual([path, status, '']);
    }
  });
});

type RawAnswer = { readonly text: string; readonly isClosed: boolean };

/** What the server sends back for these bytes, until it closes or an answer is whole. */
function sendRaw(bytes: string): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { hostname, port } = new URL(server.url);
  let text = '';
  const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
  socket.setEncoding('latin1');
  socket.on('data', (more: string) => {
    text += more;
    const [head = '', body] = text.split('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined || body?.length !== Number(length)) return;
    socket.destroy();
    resolve({ text, isClosed: false });
  });
  socket.on('close', () => resolve({ text, isClosed: true }));
  socket.on('error', reject);
  return promise;
}

const POST_HEAD = 'POST /bid HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const NOT_HTTP: Readonly<Record<string, string>> = {
  'a word': 'GARBAGE\r\n\r\n',
  'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'HTTP/2 in the clear': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'no Host': 'GET /supplies HTTP/1.1\r\n\r\n',
  'a path without a slash': 'GET supplies HTTP/1.1\r\nHost: x\r\n\r\n',
  'a zero byte in a header': 'GET /supplies HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n',
  'a folded header': 'GET /supplies HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n',
  'a blank before the colon': 'GET /supplies HTTP/1.1\r\nHost: x\r\nX-A : a\r\n\r\n',
  'a negative length': `${POST_HEAD}Content-Length: -5\r\n\r\n{}`,
  'two lengths': `${POST_HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  'a length beyond 64 bits': `${POST_HEAD}Content-Length: 99999999999999999999\r\n\r\n{}`,
  'a length and chunks': `${POST_HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a chunk without a size': `${POST_HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`,
  'an unknown coding': `${POST_HEAD}Transfer-Encoding: gzip\r\n\r\n{}`,
  'a header of 100 kB': `GET /supplies HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`,
  '300 headers': `GET /supplies HTTP/1.1\r\nHost: x\r\n${'X-A: 1\r\n'.repeat(300)}\r\n`,
};
const BROKEN_HTTP: readonly (readonly [name: string, bytes: string, answer: RegExp])[] = [
  [
    'a Host that is no host, on a route',
    'GET /stat HTTP/1.1\r\nHost: [[[\r\n\r\n',
    /^HTTP\/1.1 400/,
  ],
  [
    'a Host that is no host, elsewhere',
    'GET /nope HTTP/1.1\r\nHost: a b\r\n\r\n',
    /^HTTP\/1.1 404/,
  ],
  ['no body and no length', `${POST_HEAD}\r\n`, /^HTTP\/1.1 400.*malformed_json/s],
  ['no chunks', `${POST_HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /malformed_json/],
  [
    'bytes that are not UTF-8',
    `${POST_HEAD}Content-Length: 17\r\n\r\n{"supply_id":"\xff"}`,
    /malformed_json/,
  ],
  [
    'a length of 2 TB',
    `${POST_HEAD}Content-Length: 2000000000000\r\n\r\n{`,
    /^HTTP\/1.1 413.*body_too_large/s,
  ],
  ['an absolute target', 'GET http://[[[/nope HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 404/],
  ['dots above the root', 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 404/],
  ['bytes above ASCII', 'GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 404/],
];

describe('on the raw socket', () => {
  test.each(Object.entries(NOT_HTTP))(
    '%s is refused and the connection closed',
    async (_, bytes) => {
      const { text, isClosed } = await sendRaw(bytes);
      expect(text).toMatch(/^HTTP\/1.1 4\d\d /);
      expect(isClosed).toBeTrue();
    },
  );

  test.each(BROKEN_HTTP)('%s gives its 4xx in the error shape', async (_, bytes, answer) => {
    const { text } = await sendRaw(bytes);
    expect(text).toMatch(answer);
    expect(text).toMatch(/\r\n\r\n\{"error":"[a-z_]+","message":"[^"]+\."\}$/);
  });

  test('a client that hangs up in the middle of a body harms nobody', async () => {
    const { hostname, port } = new URL(server.url);
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${POST_HEAD}Content-Length: 500\r\n\r\n{`, () => socket.destroy());
    });
    socket.on('close', () => resolve());
    await promise;
    expect((await get(`${server.url}/health`)).status).toBe(200);
  });
});

/** Mostly the good, so that a body breaks one rule or none, and each rule gets its share. */
function nearly<Good, Bad>(
  good: fc.Arbitrary<Good>,
  bad: fc.Arbitrary<Bad>,
): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 24, arbitrary: good },
    { weight: 1, arbitrary: bad },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

const id = nearly(
  fc.oneof(fc.constantFrom('a', '__proto__', 'x'.repeat(128)), fc.nat()),
  fc.oneof(fc.string(), fc.double(), fc.constantFrom('x'.repeat(129), '', -1)),
);
const amount = nearly(
  fc.nat(2_000_000_000).map((micros) => micros / 1_000_000),
  fc.oneof(fc.constantFrom(-0, 1e-7, 1e6, 1000000.000001, 0.1 + 0.2, -1, 1e300), fc.double()),
);
const tmax = nearly(
  fc.integer({ min: 1, max: 10_000 }),
  fc.oneof(fc.constantFrom(0, 10_001, -1), fc.double()),
);
const NEARLY_BID = fc.record(
  {
    supply_id: nearly(fc.constantFrom('supply1', 'supply2', 'nobody'), id),
    ip: nearly(fc.oneof(fc.ipV4(), fc.ipV6()), fc.constantFrom('::1%lo', '1.2.3', '01.2.3.4')),
    country: nearly(fc.constantFrom('US', 'gb'), fc.string({ maxLength: 3 })),
    tmax,
    extra: fc.jsonValue(),
  },
  { requiredKeys: ['supply_id'] },
);
const few = { minLength: 1, maxLength: 4 };
const NEARLY_BATCH = fc.record(
  {
    bidders: nearly(fc.array(fc.record({ id, bid_floor: amount }), few), fc.constant([])),
    supplies: nearly(fc.array(fc.record({ id, floor_price: amount }), few), fc.constant([])),
    tmax,
  },
  { requiredKeys: ['bidders', 'supplies'] },
);

function isAddress(ip: string | undefined): boolean {
  return ip === undefined || (isIP(ip) !== 0 && !ip.includes('%'));
}

function areDistinct(items: readonly { id: string | number }[]): boolean {
  return new Set(items.map((item) => String(item.id))).size === items.length;
}

function isExact(units: number): boolean {
  return /^\d+(\.\d{1,6})?$/.test(String(units));
}

/** What the documentation says beside the schema: addresses, countries, distinct ids, six decimals. */
function isGoodBid(body: unknown): boolean {
  if (!Value.Check(AuctionRequest, body)) return false;
  return isAddress(body.ip) && countryOf(body.country ?? '') !== undefined;
}

function isGoodBatch(body: unknown): boolean {
  if (!Value.Check(BatchRequest, body)) return false;
  const { bidders, supplies } = body;
  const amounts = [
    ...bidders.map((one) => one.bid_floor),
    ...supplies.map((one) => one.floor_price),
  ];
  return areDistinct(bidders) && areDistinct(supplies) && amounts.every(isExact);
}

describe('chance', () => {
  test.each(['/bid', '/api/v1/bid'])('any JSON at all to %s gives a 4xx or 200', async (path) => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (body) => {
        const { status } = await post(server.url + path, body);
        expect([200, 400, 413]).toContain(status);
      }),
      { numRuns: RUNS },
    );
  });

  test.each([
    ['/bid', NEARLY_BID, isGoodBid],
    ['/api/v1/bid', NEARLY_BATCH, isGoodBatch],
  ] as const)(
    '%s refuses as invalid what its schema refuses, and nothing else',
    async (path, nearlyGood, isGood) => {
      const seen = { good: 0, bad: 0 };
      await fc.assert(
        fc.asyncProperty(nearlyGood, async (drawn) => {
          const text = JSON.stringify(drawn);
          const { status, body } = await post<Partial<ErrorBody>>(
            server.url + path,
            JSON.parse(text),
          );
          const good = isGood(JSON.parse(text));
          expect(status).toBeLessThan(500);
          expect(body.error === 'invalid_request').toBe(!good);
          seen[good ? 'good' : 'bad']++;
        }),
        { numRuns: RUNS },
      );
      expect(seen.good).toBeGreaterThan(RUNS / 20);
      expect(seen.bad).toBeGreaterThan(RUNS / 20);
    },
  );
});

describe('good input that looks bad', () => {
  test.each([
    ['a charset after the media type', { 'content-type': 'application/json; charset=utf-8' }],
    ['a media type in capitals', { 'content-type': 'Application/JSON' }],
    ['a country in small letters', { 'x-country': 'us' }],
  ])('%s is taken', async (_, headers) => {
    expect((await bid(server.url, { supply_id: 'supply1', country: 'US' }, headers)).status).toBe(
      200,
    );
  });

  test('unknown fields are ignored, prototype keys among them', async () => {
    const body = JSON.parse(
      '{"supply_id":"supply1","country":"US","__proto__":{"tmax":0},"x":[1]}',
    );
    expect((await bid(server.url, body)).status).toBe(200);
    const batch = { ...BATCH_EXAMPLE, constructor: { prototype: null }, deep: { er: [[[]]] } };
    expect((await bidBatch(server.url, batch)).status).toBe(200);
  });

  test('the largest request is taken', async () => {
    const bidders = Array.from({ length: 100 }, (_, id) => ({ id, bid_floor: 1_000_000 }));
    const supplies = Array.from({ length: 100 }, (_, id) => ({ id, floor_price: 0.000001 }));
    expect((await bidBatch(server.url, { bidders, supplies, tmax: 10_000 })).status).toBe(200);
  });
});

test('after all of it the server is the same, healthy, and has met no fault of its own', async () => {
  expect((await get(`${server.url}/health`)).status).toBe(200);
  process.kill(server.pid, 0);
  expect(server.log.filter((line) => JSON.parse(line).level >= 40)).toEqual([]);
  expect(server.log.filter((line) => line.includes('"serving"'))).toHaveLength(1);
});
