import { describe, expect, test } from 'bun:test';
import { addressKey, type Cidr, createForwardedReader, parseCidr } from './client-address.ts';

function ranges(...texts: string[]): Cidr[] {
  return texts.map((text) => {
    const range = parseCidr(text);
    if (range === undefined) throw new Error(`${text} is no range`);
    return range;
  });
}

function forwardedFor(header: string | null): Headers {
  return new Headers(header === null ? {} : { 'x-forwarded-for': header });
}

describe('addressKey', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['2001:db8:1:2::1', '20010db800010002/64'],
    ['2001:DB8:1:2:ffff:ffff:ffff:ffff', '20010db800010002/64'],
    ['::1', '0000000000000000/64'],
    ['64:ff9b::c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['64:ff9b:1::1', '0064ff9b00010000/64'],
  ])('%p is counted as %p', (text, key) => {
    expect(addressKey(text)).toBe(key);
  });

  test.each(['', '10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1:80', '[::1]', 'fe80::1%eth0', 'a'])(
    '%p is no address',
    (text) => {
      expect(addressKey(text)).toBeUndefined();
    },
  );
});

describe('parseCidr', () => {
  test.each([
    '10.0.0.0/8',
    '10.1.2.3',
    '::/0',
    '2001:db8::/32',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.0/104',
  ])('takes %p', (text) => {
    expect(parseCidr(text)).toBeDefined();
  });

  test.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10/8',
    '10.0.0.0/8/8',
    'x/8',
    'fe80::1%lo',
    '1.1.1.1/-1',
    '1.1.1.1/ 8',
    '::ffff:10.0.0.0/90',
  ])('refuses %p', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe('the forwarded address', () => {
  const client = createForwardedReader(ranges('10.0.0.0/8', '2001:db8::/32'));

  test.each([
    ['the peer without the header', { peer: '10.0.0.1', header: null, is: '10.0.0.1' }],
    ['the peer when it is not trusted', { peer: '192.0.2.1', header: '1.1.1.1', is: '192.0.2.1' }],
    ['the hop before a trusted peer', { peer: '10.0.0.1', header: '1.1.1.1', is: '1.1.1.1' }],
    [
      'the last hop, not what the client claimed',
      { peer: '10.0.0.1', header: '9.9.9.9, 1.1.1.1', is: '1.1.1.1' },
    ],
    [
      'the last that no trusted proxy has',
      { peer: '10.0.0.1', header: '1.1.1.1, 10.0.0.2 , 10.0.0.3', is: '1.1.1.1' },
    ],
    [
      'the first hop when all are trusted',
      { peer: '10.0.0.1', header: '10.0.0.9,10.0.0.2', is: '10.0.0.9' },
    ],
    [
      'the peer when the last hop is no address',
      { peer: '10.0.0.1', header: '1.1.1.1, unknown', is: '10.0.0.1' },
    ],
    ['the peer when the header is empty', { peer: '10.0.0.1', header: '', is: '10.0.0.1' }],
    ['IPv6 behind IPv6', { peer: '2001:db8::1', header: '2a00::1', is: '2a00::1' }],
    [
      'IPv4 behind a peer in IPv6 form',
      { peer: '::ffff:10.0.0.1', header: '1.1.1.1', is: '1.1.1.1' },
    ],
  ])('is %s', (_, { peer, header, is }) => {
    expect(client(peer, forwardedFor(header))).toBe(is);
  });

  test.each([
    ['1.1.1.1:4711', '1.1.1.1'],
    ['"1.1.1.1:4711"', '1.1.1.1'],
    ['[2a00::1]:4711', '2a00::1'],
    ['"[2a00::1]"', '2a00::1'],
    ['1.1.1.1, , 10.0.0.2,', '1.1.1.1'],
    ['::ffff:1.1.1.1, ::ffff:10.0.0.2', '::ffff:1.1.1.1'],
    [',', '10.0.0.1'],
  ])('written as %p is %p', (header, is) => {
    expect(client('10.0.0.1', forwardedFor(header))).toBe(is);
  });

  test.each([
    ['for=1.1.1.1', '1.1.1.1'],
    ['For="[2a00::1]:4711";proto=https;by=10.0.0.9', '2a00::1'],
    ['for=9.9.9.9, for=1.1.1.1;proto=http, proto=https;for=10.0.0.2', '1.1.1.1'],
    ['for=_hidden', '10.0.0.1'],
    ['for=unknown, for=10.0.0.2', '10.0.0.1'],
    ['proto=https', '10.0.0.1'],
  ])('of Forwarded: %p is %p', (forwarded, is) => {
    expect(client('10.0.0.1', new Headers({ forwarded }))).toBe(is);
  });

  test('of a proxy that is trusted in the form of IPv6 is believed over IPv4', () => {
    const mapped = createForwardedReader(ranges('::ffff:127.0.0.1'));
    expect(mapped('127.0.0.1', forwardedFor('1.1.1.1'))).toBe('1.1.1.1');
    expect(mapped('127.0.0.2', forwardedFor('1.1.1.1'))).toBe('127.0.0.2');
  });

  test('of a header without end is looked for in its last hops only', () => {
    const header = `1.1.1.1${', 10.0.0.2'.repeat(100_000)}`;
    expect(client('10.0.0.1', forwardedFor(header))).toBe('10.0.0.2');
  });

  test('is never believed when nobody is trusted', () => {
    expect(createForwardedReader([])('10.0.0.1', forwardedFor('1.1.1.1'))).toBe('10.0.0.1');
  });
});
