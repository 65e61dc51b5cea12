import { describe, expect, test } from 'bun:test';
import { createPageAccess, originKey } from './origin.ts';

describe('an origin', () => {
  test.each([
    ['https://auction.example', 'https://auction.example'],
    ['https://auction.example:443', 'https://auction.example'],
    ['http://auction.example:80', 'http://auction.example'],
    ['https://AUCTION.example', 'https://auction.example'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['tauri://localhost', 'tauri://localhost'],
  ])('%p is %p', (text, key) => {
    expect(originKey(text)).toBe(key);
  });

  test.each([
    '',
    'null',
    'auction.example',
    'https://*.example',
    '*',
    'https://auction.example/',
    'https://auction.example/page',
    'https://user@auction.example',
    'https://auction.example?x=1',
    'file:///page.html',
  ])('%p is none', (text) => {
    expect(originKey(text)).toBeUndefined();
  });
});

describe('pages of the own host', () => {
  const pages = createPageAccess([]);
  const allows = (origin: string, host: string) => pages.allows(new Headers({ origin, host }));

  test.each([
    ['https://auction.example', 'auction.example'],
    ['https://auction.example', 'auction.example:443'],
    ['http://auction.example:80', 'auction.example'],
    ['https://Auction.Example', 'auction.example'],
    ['http://localhost:8080', 'localhost:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
  ])('of %p may use %p', (origin, host) => {
    expect(allows(origin, host)).toBe(true);
  });

  test.each([
    ['https://evil.example', 'auction.example'],
    ['http://auction.example', 'auction.example:443'],
    ['capacitor://auction.example', 'auction.example'],
    ['https://auction.example:8443', 'auction.example'],
    ['null', 'auction.example'],
    ['https://auction.example.evil.example', 'auction.example'],
  ])('of %p may not use %p', (origin, host) => {
    expect(allows(origin, host)).toBe(false);
  });

  test('a client that names no origin is no page', () => {
    expect(pages.allows(new Headers({ host: 'auction.example' }))).toBe(true);
  });
});

describe('listed pages', () => {
  const pages = createPageAccess(['https://auction.example', 'capacitor://localhost']);

  test.each([
    ['https://auction.example', true],
    ['https://auction.example:443', true],
    ['capacitor://localhost', true],
    ['http://auction.example', false],
    ['https://sub.auction.example', false],
  ])('%p: %p', (origin, isAllowed) => {
    const headers = new Headers({ origin, host: 'node.example' });
    expect(pages.allows(headers)).toBe(isAllowed);
    expect(pages.foreign(headers)).toBe(isAllowed ? origin : null);
  });
});
