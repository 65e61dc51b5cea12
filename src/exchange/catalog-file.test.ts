import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { toMicros } from '../core/money.ts';
import type { CatalogFaults } from './catalog-file/fault-list.ts';
import { decodeCatalog, parseCatalogFile, readCatalogFile } from './catalog-file.ts';
import { type CatalogBounds, EXCHANGE_LIMIT } from './rule/limit.ts';

const BIDDERS = { bidder1: { country: 'US' }, bidder2: {} };

function read(text: string) {
  const reading = parseCatalogFile(text);
  if (!reading.ok) throw new Error(reading.faults.listed.join('\n'));
  return reading.content;
}

function readSupply(entry: unknown) {
  return read(JSON.stringify({ supplies: { supply1: entry }, bidders: BIDDERS })).supplies[0];
}

function faultsOf(text: string): CatalogFaults {
  const reading = parseCatalogFile(text);
  return reading.ok ? { listed: [], more: 0 } : reading.faults;
}

function faultsWithin(bounds: Partial<CatalogBounds>, value: unknown): readonly string[] {
  const reading = decodeCatalog(value, { ...EXCHANGE_LIMIT.catalog, ...bounds });
  return reading.ok ? [] : reading.faults.listed;
}

describe('a data file', () => {
  test('is read in its order, with first price and no floor', () => {
    const text =
      '{"supplies":{"s2":["bidder2","bidder1"],"s1":[]},"bidders":{"bidder1":{"country":"us"},"bidder2":{"country":null}}}';
    const plain = {
      floorMicros: toMicros(0),
      auctionType: 'first-price' as const,
      incrementMicros: toMicros(10_000),
    };
    expect(read(text)).toEqual({
      supplies: [
        { id: 's2', ...plain, bidderIds: ['bidder2', 'bidder1'] },
        { id: 's1', ...plain, bidderIds: [] },
      ],
      bidders: [
        { id: 'bidder1', country: 'US' },
        { id: 'bidder2', country: null },
      ],
    });
  });

  test('may say floor, auction and increment of a supply', () => {
    expect(
      readSupply({
        bidders: ['bidder1'],
        floor: 0.05,
        auction: 'second-price',
        increment: 0.000001,
      }),
    ).toEqual({
      id: 'supply1',
      floorMicros: toMicros(50_000),
      auctionType: 'second-price',
      incrementMicros: toMicros(1),
      bidderIds: ['bidder1'],
    });
  });

  test('may hold fields that mean nothing', () => {
    const text =
      '{"comment":1,"supplies":{"s":{"bidders":[],"note":[]}},"bidders":{"b":{"age":9}}}';
    expect(read(text).supplies).toHaveLength(1);
  });

  test('may be empty', () => {
    expect(read('{"supplies":{},"bidders":{}}')).toEqual({ supplies: [], bidders: [] });
  });

  test('reads a written minus zero as zero', () => {
    const [supply] = read('{"supplies":{"s":{"bidders":[],"floor":-0.0}},"bidders":{}}').supplies;
    expect(Object.is(supply?.floorMicros, 0)).toBe(true);
  });
});

const LONG = 'x'.repeat(129);
const PRICE = 'must be a number from 0 to 1000000 with at most six decimal places';
const NAME = 'a name must be 1 to 128 letters, digits or any of _ . : -, but not . or ..';
const NOT_BIDDER = 'must be an object such as {"country": "US"}';
const COUNTRY = 'must be a country as two letters such as "US", or null for every country';
const inSupply = (entry: string) => `{"supplies":{"supply1":${entry}},"bidders":{"b1":{},"b2":{}}}`;
const inBidder = (entry: string) => `{"supplies":{},"bidders":{"b1":${entry}}}`;

const FAULTS = [
  ['[]', 'the file: must be an object with "supplies" and "bidders"'],
  ['null', 'the file: must be an object with "supplies" and "bidders"'],
  ['{"bidders":{}}', 'supplies: must be an object with an entry for each name'],
  ['{"supplies":[],"bidders":{}}', 'supplies: must be an object with an entry for each name'],
  ['{"supplies":{"s":["b"]}}', 'bidders: must be an object with an entry for each name'],
  [inSupply('["b1","b2","x"]'), 'supplies.supply1[2]: unknown bidder "x"'],
  [inSupply('["b1","b1"]'), 'supplies.supply1[1]: bidder "b1" is listed twice'],
  [inSupply('[7]'), 'supplies.supply1[0]: must be the name of a bidder'],
  [inSupply('["toString"]'), 'supplies.supply1[0]: unknown bidder "toString"'],
  [inSupply('"b1"'), 'supplies.supply1: must be a list of bidders, or an object with "bidders"'],
  [inSupply('null'), 'supplies.supply1: must be a list of bidders, or an object with "bidders"'],
  [inSupply('{}'), 'supplies.supply1.bidders: must be a list of bidders'],
  [inSupply('{"bidders":["x"]}'), 'supplies.supply1.bidders[0]: unknown bidder "x"'],
  [inSupply('{"bidders":[],"floor":-0.01}'), `supplies.supply1.floor: ${PRICE}`],
  [inSupply('{"bidders":[],"floor":"1"}'), `supplies.supply1.floor: ${PRICE}`],
  [inSupply('{"bidders":[],"floor":null}'), `supplies.supply1.floor: ${PRICE}`],
  [inSupply('{"bidders":[],"floor":0.0000001}'), `supplies.supply1.floor: ${PRICE}`],
  [inSupply('{"bidders":[],"floor":1000000.01}'), `supplies.supply1.floor: ${PRICE}`],
  [inSupply('{"bidders":[],"floor":1e999}'), `supplies.supply1.floor: ${PRICE}`],
  [inSupply('{"bidders":[],"increment":1e300}'), `supplies.supply1.increment: ${PRICE}`],
  [
    inSupply('{"bidders":[],"auction":"dutch"}'),
    'supplies.supply1.auction: must be "first-price" or "second-price"',
  ],
  [inBidder('"US"'), `bidders.b1: ${NOT_BIDDER}`],
  [inBidder('null'), `bidders.b1: ${NOT_BIDDER}`],
  [inBidder('{"country":"USA"}'), `bidders.b1.country: ${COUNTRY}`],
  [inBidder('{"country":"ÜS"}'), `bidders.b1.country: ${COUNTRY}`],
  [inBidder('{"country":1}'), `bidders.b1.country: ${COUNTRY}`],
  ['{"supplies":{},"bidders":{"":{}}}', `bidders[""]: ${NAME}`],
  ['{"supplies":{"a b":[]},"bidders":{}}', `supplies["a b"]: ${NAME}`],
  [`{"supplies":{"${LONG}":[]},"bidders":{}}`, `supplies["${LONG.slice(0, 64)}…"]: ${NAME}`],
  [
    '{"supplies":{},"bidders":{"__proto__":{"country":"US"}}}',
    'bidders.__proto__: the name "__proto__" is reserved',
  ],
  [
    '{"supplies":{"constructor":[]},"bidders":{}}',
    'supplies.constructor: the name "constructor" is reserved',
  ],
  [
    '{"supplies":{"a.b":3},"bidders":{}}',
    'supplies["a.b"]: must be a list of bidders, or an object with "bidders"',
  ],
] as const;

describe('a fault of a data file', () => {
  test.each(FAULTS)('of %s is told with its path', (text, fault) => {
    expect(faultsOf(text)).toEqual({ listed: [fault], more: 0 });
  });

  test('is told when the text is not JSON', () => {
    expect(faultsOf('{"supplies":').listed).toEqual([
      expect.stringContaining('the file is not JSON'),
    ]);
  });

  test('does not hide another', () => {
    const text =
      '{"supplies":{"s 1":["x"],"s2":{"bidders":["b","y"],"floor":-1}},"bidders":{"b":{"country":"U"}}}';
    expect(faultsOf(text).listed.map((fault) => fault.split(': ')[0])).toEqual([
      'bidders.b.country',
      'supplies["s 1"]',
      'supplies["s 1"][0]',
      'supplies.s2.floor',
      'supplies.s2.bidders[1]',
    ]);
  });

  test('is counted beyond the first hundred', () => {
    const unknown = Array.from({ length: 107 }, (_, index) => `x${index}`);
    const faults = faultsOf(JSON.stringify({ supplies: { s: unknown }, bidders: {} }));
    expect(faults.listed).toHaveLength(100);
    expect(faults.more).toBe(7);
  });

  test.each([
    ['bidders', ['bidders: must hold at most 2 names, not 3']],
    ['supplies', ['supplies: must hold at most 2 names, not 3']],
    ['biddersPerSupply', ['supplies.s: must list at most 2 bidders, not 3']],
  ] as const)('is a list of %s that is too long, of which no entry is read', (bound, listed) => {
    const [a, b, c] = [{}, {}, {}];
    const file = { supplies: { s: ['a', 'b', 'c'], t: [], u: [] }, bidders: { a, b, c } };
    expect(faultsWithin({ [bound]: 3 }, file)).toEqual([]);
    expect(faultsWithin({ [bound]: 2 }, file)).toEqual([...listed]);
  });

  test('is a supply with more than a thousand bidders', () => {
    const many = Array.from({ length: 1_001 }, () => 'b');
    expect(faultsOf(JSON.stringify({ supplies: { s: many }, bidders: {} })).listed).toEqual([
      'supplies.s: must list at most 1000 bidders, not 1001',
    ]);
  });
});

describe('a data file of bytes', () => {
  const text = '{"supplies": {}, "bidders": {"b1": {"country": "DE"}, "größe": {}}}';
  const plain = text.replace('größe', 'b2');
  const utf16 = (order: 'le' | 'be', mark: string) => {
    const bytes = Buffer.from(`${mark}${plain}`, 'utf16le');
    return order === 'le' ? bytes : bytes.swap16();
  };

  test('is read with and without a byte order mark', () => {
    for (const written of [plain, `\uFEFF${plain}`]) {
      const reading = readCatalogFile(Buffer.from(written));
      expect(reading).toMatchObject({ ok: true, content: { bidders: [{ id: 'b1' }, {}] } });
    }
  });

  test.each([
    [utf16('le', '\uFEFF'), 'the file is UTF-16 (little endian): save it as UTF-8'],
    [utf16('be', '\uFEFF'), 'the file is UTF-16 (big endian): save it as UTF-8'],
    [utf16('le', ''), 'the file is UTF-16 (little endian): save it as UTF-8'],
    [utf16('be', ''), 'the file is UTF-16 (big endian): save it as UTF-8'],
    [Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), 'the file is UTF-32: save it as UTF-8'],
    [Buffer.from(text, 'latin1'), 'the file is not UTF-8 text: save it as UTF-8'],
    [Buffer.from(''), 'expected a value, not the end of the file'],
  ])('of another encoding is named', (bytes, fault) => {
    const reading = readCatalogFile(bytes);
    expect(reading.ok ? [] : reading.faults.listed).toEqual([expect.stringContaining(fault)]);
  });

  test('that is no JSON says where', () => {
    expect(faultsOf('{"supplies": {},\n "bidders": {"b1": }}')).toEqual({
      listed: ['the file is not JSON: line 2, column 20: expected a value, not "}"'],
      more: 0,
    });
  });

  test('in which a name stands twice is refused', () => {
    const twice = '{"supplies": {"s": []},\n"bidders": {"b": {}, "b": {"country": "US"}}}';
    expect(faultsOf(twice).listed).toEqual(['bidders.b: stands twice, again in line 2']);
  });
});

describe('the country of a bidder', () => {
  const countryOfFile = (country: unknown) =>
    read(JSON.stringify({ supplies: {}, bidders: { b: { country } } })).bidders[0]?.country;

  test.each([
    ['UK', 'GB'],
    ['gb', 'GB'],
    ['T1', null],
    ['XX', null],
    ['', null],
    [null, null],
  ])('%p is read as %p', (given, country) => {
    expect(countryOfFile(given)).toBe(country);
  });

  test('is refused when there is no such country', () => {
    expect(() => countryOfFile('ZZ')).toThrow(
      'bidders.b.country: must be a country as two letters',
    );
  });
});

describe('any JSON', () => {
  const name = fc.oneof(fc.constantFrom('b1', 'b2', '__proto__', 'constructor', ''), fc.string());
  const entry = fc.oneof(
    fc.array(fc.oneof(name, fc.jsonValue())),
    fc.record({ bidders: fc.array(name), floor: fc.jsonValue(), increment: fc.double() }),
    fc.jsonValue(),
  );
  const nearlyRight = fc.record({
    supplies: fc.dictionary(name, entry),
    bidders: fc.dictionary(name, fc.oneof(fc.record({ country: fc.jsonValue() }), fc.jsonValue())),
  });

  test('gives a content or faults, throws nothing and reaches no prototype', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          nearlyRight.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const reading = parseCatalogFile(text);
          if (!reading.ok) expect(reading.faults.listed).not.toBeEmpty();
          expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('that is read whole names only bidders it holds, each once in a supply', () => {
    fc.assert(
      fc.property(nearlyRight, (value) => {
        const reading = decodeCatalog(JSON.parse(JSON.stringify(value)));
        if (!reading.ok) return;
        const known = new Set(reading.content.bidders.map(({ id }) => id));
        for (const { bidderIds } of reading.content.supplies) {
          expect(new Set(bidderIds).size).toBe(bidderIds.length);
          expect(bidderIds.every((id) => known.has(id))).toBe(true);
        }
      }),
    );
  });
});
