/**
 * Requests that must be refused, as a table: the fault, the request, the answer's code.
 *
 * The status of a code is the same everywhere, so a row does not repeat it.
 */
export type BadRequest = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | (() => ReadableStream<Uint8Array>);
  readonly error: keyof typeof STATUS_OF;
};

export const STATUS_OF = {
  malformed_json: 400,
  invalid_request: 400,
  unknown_supply: 400,
  no_eligible_bidder: 400,
  no_archive: 400,
  not_found: 404,
  auction_not_found: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  unsupported_media_type: 415,
} as const;

type Code = BadRequest['error'];
type Headers = BadRequest['headers'];

const JSON_TYPE = { 'content-type': 'application/json' };
const KIBIBYTE = 1024;

/** A string body as it is, any other as JSON. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function posts(path: string, error: Code, rows: Readonly<Record<string, unknown>>): BadRequest[] {
  return Object.entries(rows).map(([name, body]) => ({
    name: `POST ${path}: ${name}`,
    method: 'POST',
    path,
    headers: JSON_TYPE,
    body: textOf(body),
    error,
  }));
}

const US = { supply_id: 'supply1', country: 'US' };
const BIDDER = { id: 1, bid_floor: 100 };
const SUPPLY = { id: 1, floor_price: 50 };
const BATCH = { bidders: [BIDDER], supplies: [SUPPLY] };

const MALFORMED = {
  'an empty body': '',
  'nothing but blanks': ' \n\t ',
  'a cut object': '{"supply_id":"supply1"',
  'a cut text': '{"supply_id":"supp',
  'single quotes': "{'supply_id':'supply1'}",
  'a comma too many': '{"supply_id":"supply1",}',
  'two values': '{"supply_id":"supply1"}{}',
  'a comment': '{"supply_id":"supply1"/* here */}',
  NaN: '{"supply_id":"supply1","tmax":NaN}',
  Infinity: '{"supply_id":"supply1","tmax":Infinity}',
  'a hexadecimal number': '{"supply_id":"supply1","tmax":0x10}',
  'an octal number': '{"supply_id":"supply1","tmax":0200}',
  'a form': 'supply_id=supply1&country=US',
  'a line break in a text': '{"supply_id":"supply1\n"}',
  'a zero byte': '{"supply_id":"supply1"}\0',
  '2000 open brackets': '['.repeat(2000),
};

const WRONG_BID = {
  null: 'null',
  'a text': '"supply1"',
  'a number': '1',
  'an array': '[{"supply_id":"supply1"}]',
  '8000 nested arrays': `${'['.repeat(8000)}${']'.repeat(8000)}`,
  'no supply_id': {},
  'supply_id null': { supply_id: null },
  'supply_id a number': { supply_id: 1 },
  'supply_id an object': { supply_id: { $ne: null } },
  'supply_id an array': { supply_id: ['supply1'] },
  'supply_id empty': { supply_id: '' },
  'supply_id of 129 characters': { supply_id: 'a'.repeat(129) },
  'supply_id with a blank': { supply_id: 'supply 1' },
  'supply_id in unicode': { supply_id: 'підтримка' },
  'supply_id with an emoji': { supply_id: 'supply1🔨' },
  'supply_id with half a surrogate': '{"supply_id":"supply1\\ud83d"}',
  'supply_id with a line break': { supply_id: 'supply1\r\nX-Evil: 1' },
  'supply_id with a zero byte': { supply_id: 'supply1\0' },
  'supply_id as SQL': { supply_id: "supply1' or '1'='1" },
  'supply_id as a path': { supply_id: '../../etc/passwd' },
  'supply_id in the prototype only': '{"__proto__":{"supply_id":"supply1"}}',
  'supply_id in the constructor only': '{"constructor":{"prototype":{"supply_id":"supply1"}}}',
  'country of 3 letters': { ...US, country: 'USA' },
  'country of digits': { ...US, country: '42' },
  'country of two letters that are none': { ...US, country: 'ZZ' },
  'country of capitals outside ASCII': { ...US, country: 'uſ' },
  'country null': { ...US, country: null },
  'country in unicode': { ...US, country: 'ÜS' },
  'country a list': { ...US, country: ['US'] },
  'tmax zero': { ...US, tmax: 0 },
  'tmax negative': { ...US, tmax: -200 },
  'tmax a fraction': { ...US, tmax: 1.5 },
  'tmax a tiny fraction': '{"supply_id":"supply1","tmax":1e-300}',
  'tmax 10001': { ...US, tmax: 10_001 },
  'tmax 1e308': '{"supply_id":"supply1","tmax":1e308}',
  'tmax beyond a double': '{"supply_id":"supply1","tmax":1e999}',
  'tmax of 400 digits': `{"supply_id":"supply1","tmax":${'9'.repeat(400)}}`,
  'tmax a text': { ...US, tmax: '200' },
  'tmax true': { ...US, tmax: true },
  'tmax null': { ...US, tmax: null },
  'tmax NaN as a text': { ...US, tmax: 'NaN' },
  'ip a number': { ...US, ip: 2130706433 },
  'ip empty': { ...US, ip: '' },
  'ip a name': { ...US, ip: 'localhost' },
  'ip over 255': { ...US, ip: '256.1.1.1' },
  'ip of 3 parts': { ...US, ip: '10.0.1' },
  'ip octal': { ...US, ip: '010.0.0.1' },
  'ip hexadecimal': { ...US, ip: '0x7f.0.0.1' },
  'ip with a port': { ...US, ip: '10.0.0.1:80' },
  'ip a range': { ...US, ip: '10.0.0.0/8' },
  'ip with a blank': { ...US, ip: ' 10.0.0.1' },
  'ip in brackets': { ...US, ip: '[::1]' },
  'ip with a zone': { ...US, ip: 'fe80::1%eth0' },
  'ip with two ::': { ...US, ip: '1::2::3' },
  'ip of 46 characters': { ...US, ip: `::${'0'.repeat(44)}` },
  'ip as a header': { ...US, ip: '10.0.0.1\r\nX-Evil: 1' },
};

const WRONG_BATCH = {
  null: 'null',
  'an array': '[]',
  'no bidders': { supplies: [SUPPLY] },
  'no supplies': { bidders: [BIDDER] },
  'bidders an object': { ...BATCH, bidders: { 0: BIDDER, length: 1 } },
  'bidders empty': { ...BATCH, bidders: [] },
  'supplies empty': { ...BATCH, supplies: [] },
  'bidders of null': { ...BATCH, bidders: [null] },
  'bidders nested': { ...BATCH, bidders: [[BIDDER]] },
  '101 bidders': { ...BATCH, bidders: numbered(101, (id) => ({ id, bid_floor: 1 })) },
  '101 supplies': { ...BATCH, supplies: numbered(101, (id) => ({ id, floor_price: 1 })) },
  'a bidder twice': { ...BATCH, bidders: [BIDDER, BIDDER] },
  'a supply twice': { ...BATCH, supplies: [SUPPLY, SUPPLY] },
  'a bidder twice, once as a text': { ...BATCH, bidders: [BIDDER, { ...BIDDER, id: '1' }] },
  'id missing': { ...BATCH, bidders: [{ bid_floor: 1 }] },
  'id null': { ...BATCH, bidders: [{ ...BIDDER, id: null }] },
  'id negative': { ...BATCH, bidders: [{ ...BIDDER, id: -1 }] },
  'id a fraction': { ...BATCH, bidders: [{ ...BIDDER, id: 1.5 }] },
  'id beyond the safe integers': { ...BATCH, supplies: [{ ...SUPPLY, id: 2 ** 53 }] },
  'id true': { ...BATCH, supplies: [{ ...SUPPLY, id: true }] },
  'id empty': { ...BATCH, supplies: [{ ...SUPPLY, id: '' }] },
  'id in unicode': { ...BATCH, supplies: [{ ...SUPPLY, id: '供給' }] },
  'bid_floor missing': { ...BATCH, bidders: [{ id: 1 }] },
  'bid_floor a text': { ...BATCH, bidders: [{ id: 1, bid_floor: '100' }] },
  'bid_floor negative': { ...BATCH, bidders: [{ id: 1, bid_floor: -0.01 }] },
  'bid_floor with 7 decimals': { ...BATCH, bidders: [{ id: 1, bid_floor: 0.0000001 }] },
  'bid_floor of a million and a cent': { ...BATCH, bidders: [{ id: 1, bid_floor: 1000000.01 }] },
  'bid_floor beyond a double': '{"bidders":[{"id":1,"bid_floor":1e999}],"supplies":[]}',
  'floor_price negative': { ...BATCH, supplies: [{ id: 1, floor_price: -50 }] },
  'floor_price with 7 decimals': { ...BATCH, supplies: [{ id: 1, floor_price: 1.2345678 }] },
  'floor_price with the noise of floats': {
    ...BATCH,
    supplies: [{ id: 1, floor_price: 0.1 + 0.2 }],
  },
  'floor_price in the prototype only':
    '{"bidders":[{"id":1,"bid_floor":1}],"supplies":[{"id":1,"__proto__":{"floor_price":1}}]}',
  'tmax zero': { ...BATCH, tmax: 0 },
  'tmax a fraction': { ...BATCH, tmax: 0.5 },
};

function numbered<Item>(count: number, item: (id: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

const TOO_LARGE = {
  '16 KiB and one byte': JSON.stringify(US).padEnd(16 * KIBIBYTE + 1),
  '1 MiB': JSON.stringify(US).padEnd(KIBIBYTE * KIBIBYTE),
  '1 MiB and one byte': JSON.stringify(US).padEnd(KIBIBYTE * KIBIBYTE + 1),
  '3 MiB': ' '.repeat(3 * KIBIBYTE * KIBIBYTE),
};

/** Chunks without a length before them. */
function chunks(count: number): () => ReadableStream<Uint8Array> {
  return () => {
    let sent = 0;
    return new ReadableStream({
      pull(controller) {
        if (sent++ === count) controller.close();
        else controller.enqueue(new Uint8Array(KIBIBYTE).fill(0x20));
      },
    });
  };
}

function mediaTypes(path: string): BadRequest[] {
  const types = ['', 'text/plain', 'application/jsonp', 'application/x-www-form-urlencoded'];
  return types.map((type) => ({
    name: `POST ${path}: content-type "${type}"`,
    method: 'POST',
    path,
    headers: type === '' ? {} : { 'content-type': type },
    // A text would get a content type of its own.
    body: () => new Blob([JSON.stringify(path === '/bid' ? US : BATCH)]).stream(),
    error: 'unsupported_media_type',
  }));
}

function requests(
  method: string,
  error: Code,
  rows: readonly (readonly [path: string, headers?: Headers])[],
): BadRequest[] {
  return rows.map(([path, headers = {}]) => {
    const shown = path.length > 60 ? `${path.slice(0, 40)}... (${path.length})` : path;
    return { name: `${method} ${shown} ${JSON.stringify(headers)}`, method, path, headers, error };
  });
}

const BAD_COUNTRIES = [
  'USA',
  'ZZ',
  'EN',
  '1',
  'U',
  'U S',
  '<script>',
  'US, GB',
  "US' --",
  'US;q=1',
];

function wrongCountryHeaders(path: string, body: unknown): BadRequest[] {
  return BAD_COUNTRIES.map((country) => ({
    name: `POST ${path}: X-Country "${country}"`,
    method: 'POST',
    path,
    headers: { ...JSON_TYPE, 'x-country': country },
    body: textOf(body),
    error: 'invalid_request',
  }));
}

const WRONG_QUERIES = [
  ...['limit=0', 'limit=-1', 'limit=1.5', 'limit=1e3', 'limit=10001', 'limit=', 'limit=NaN'],
  ...['limit=%00', 'limit=0x10', 'limit=9999999999999999999', 'limit=%F0%9F', 'limit=+1'],
  ...['offset=-1', 'offset=one', 'offset=1e400', 'offset=99999999999999999', 'offset=%2B1'],
  ...['supply_id=', 'supply_id=a%20b', 'supply_id=%E4%BE%9B', `supply_id=${'a'.repeat(200)}`],
  ...['supply_id=a%0d%0aX-Evil:1', 'supply_id=..%2F..%2Fetc', 'limit=1&limit=%%%&offset=x'],
].map((query) => [`/stat?${query}`] as const);

const WRONG_SOURCES = ['', 'Archive', 'live,archive', '%00', '__proto__'].map(
  (source) => [`/api/v1/stat?source=${source}`] as const,
);

const UNKNOWN_AUCTIONS = [
  ...['nobody', '1', '__proto__', 'constructor', 'auc_0000000000000000000000', '..%2F..%2Fetc'],
  ...['%00', '%', '%zz', '%E0%A4%A', '%c0%af', 'a%20b', '%F0%9F%94%A8', "' or 1=1 --", '<b>'],
  ...['a'.repeat(129), 'a'.repeat(5000), '%0d%0aX-Evil:1', ';', '*'],
].map((id) => [`/api/v1/auctions/${id}`] as const);

const UNKNOWN_ROUTES = [
  ...['/nope', '/bid//', '/BID', '/api', '/api/v1', '/api/v1/bid/1', '/api/v2/bid', '/supplies//'],
  ...['/api/v1/auctions/', '/api/v1/auctions/a/b', '/stat/supply1', '/__proto__', '/constructor'],
  ...['/docs/../../package.json', '/docs/%2e%2e/package.json', '/docs/secret.js', '/favicon.ico'],
  ...['/openapi.yaml', '/nope?%%%', `/${'a'.repeat(8000)}`, '/%ff%fe', '/.env', '/.git/config'],
].map((path) => [path] as const);

const WRONG_METHODS = [
  ...requests('GET', 'method_not_allowed', [['/bid'], ['/api/v1/bid']]),
  ...requests('OPTIONS', 'method_not_allowed', [['/bid'], ['/supplies'], ['/docs']]),
  ...requests('PUT', 'method_not_allowed', [['/bid'], ['/api/v1/auctions/x'], ['/openapi.json']]),
  ...requests('PATCH', 'method_not_allowed', [['/api/v1/bid'], ['/api/v1/stat']]),
  ...requests('DELETE', 'method_not_allowed', [['/bid'], ['/supplies'], ['/'], ['/health/live']]),
  ...posts('/supplies', 'method_not_allowed', { 'a body': US }),
  ...posts('/stat', 'method_not_allowed', { 'a body': US }),
  ...posts('/health', 'method_not_allowed', { 'a body': US }),
];

export const BAD_REQUESTS: readonly BadRequest[] = [
  ...posts('/bid', 'malformed_json', MALFORMED),
  ...posts('/api/v1/bid', 'malformed_json', MALFORMED),
  ...posts('/bid', 'invalid_request', WRONG_BID),
  ...posts('/api/v1/bid', 'invalid_request', WRONG_BATCH),
  ...posts('/bid', 'unknown_supply', {
    'a supply that is not there': { supply_id: 'nobody' },
    'supply __proto__': { supply_id: '__proto__' },
    'supply constructor': { supply_id: 'constructor' },
    'supply toString': { supply_id: 'toString' },
    'supply id in other letters': { supply_id: 'SUPPLY1' },
  }),
  ...posts('/bid', 'no_eligible_bidder', {
    'a country that nobody targets': { supply_id: 'supply1', country: 'AQ' },
    'a country that is unknown': { supply_id: 'supply1', country: 'XX' },
    'a country left empty': { supply_id: 'supply1', country: '' },
    'a user of Tor': { supply_id: 'supply1', country: 'T1' },
    'no country at all': { supply_id: 'supply1' },
  }),
  ...posts('/bid', 'body_too_large', TOO_LARGE),
  ...posts('/api/v1/bid', 'body_too_large', TOO_LARGE),
  ...['/bid', '/api/v1/bid'].map(
    (path): BadRequest => ({
      name: `POST ${path}: 2 MiB in chunks, without a length`,
      method: 'POST',
      path,
      headers: JSON_TYPE,
      body: chunks(2 * KIBIBYTE),
      error: 'body_too_large',
    }),
  ),
  ...mediaTypes('/bid'),
  ...mediaTypes('/api/v1/bid'),
  ...wrongCountryHeaders('/bid', { supply_id: 'supply1' }),
  ...wrongCountryHeaders('/api/v1/bid', BATCH),
  ...requests('GET', 'invalid_request', WRONG_QUERIES),
  ...requests('GET', 'invalid_request', WRONG_SOURCES),
  ...requests('GET', 'no_archive', [['/api/v1/stat?source=archive']]),
  ...requests('GET', 'auction_not_found', UNKNOWN_AUCTIONS),
  ...requests('GET', 'not_found', UNKNOWN_ROUTES),
  ...posts('/nope', 'not_found', { 'a body': US, '3 MiB': TOO_LARGE['3 MiB'] }),
  ...WRONG_METHODS,
];
