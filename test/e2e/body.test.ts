/** Bodies as clients send them: packed, with a mark, in other spellings of a time, with long names. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import { ADMIN, type ItemsServer, startItemsServer } from '../support/items-server.ts';

let server: ItemsServer;

beforeAll(() => {
  server = startItemsServer();
});
afterAll(async () => {
  expect(server.faults).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const BID = JSON.stringify({ user_id: 'ann', amount: 5 });

async function bidAs(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) {
  const response = await fetch(`${server.url}/api/v1/items/${crypto.randomUUID()}/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const packed = (text: string) => new Uint8Array(gzipSync(text));

describe('a body', () => {
  test('may be packed with gzip', async () => {
    const reply = await bidAs(packed(BID), { 'content-encoding': 'gzip' });
    expect(reply).toMatchObject({ status: 200, body: { success: true, current_bid: 5 } });
  });

  test('may begin with a byte order mark', async () => {
    expect(await bidAs(`\uFEFF${BID}`, {})).toMatchObject({ status: 200 });
  });

  test('that unfolds to too much is 413', async () => {
    const bomb = packed(BID.padEnd(10_000_000));
    const reply = await bidAs(bomb, { 'content-encoding': 'gzip' });
    expect(reply).toMatchObject({ status: 413, body: { error: 'body_too_large' } });
  });

  test('in an encoding that is not read is 415 and names the one that is', async () => {
    const reply = await bidAs(BID, { 'content-encoding': 'br' });
    expect(reply).toMatchObject({ status: 415, body: { error: 'unsupported_media_type' } });
    expect(reply.headers.get('accept-encoding')).toBe('gzip');
  });

  test('that is not UTF-8 is 400', async () => {
    const latin = new Uint8Array(Buffer.from(BID.replace('ann', 'zoé'), 'latin1'));
    expect(await bidAs(latin, {})).toMatchObject({
      status: 400,
      body: { error: 'malformed_json' },
    });
  });
});

async function defined(fields: object) {
  const item = { id: crypto.randomUUID(), ...fields };
  return server.post('/api/v1/items', item, ADMIN);
}

describe('an item', () => {
  test.each([
    ['2031-01-31T12:00:00.123456Z', '2031-01-31T12:00:00.123Z'],
    ['2031-01-31T12:00:00.9999999999999Z', '2031-01-31T12:00:00.999Z'],
    ['2031-01-31t12:00:00z', '2031-01-31T12:00:00.000Z'],
    ['2031-01-31T12:00:00.5+05:30', '2031-01-31T06:30:00.500Z'],
    ['2031-01-31T12:00:00-00:00', '2031-01-31T12:00:00.000Z'],
  ])('whose times are written as %p has them as %p', async (ends_at, shown) => {
    expect(await defined({ ends_at })).toMatchObject({ status: 201, body: { ends_at: shown } });
    expect(await defined({ opens_at: ends_at })).toMatchObject({ body: { opens_at: shown } });
  });

  test('may have a name of 200 characters, whatever they are, and no more', async () => {
    expect(await defined({ name: '😀'.repeat(200) })).toMatchObject({ status: 201 });
    for (const name of ['😀'.repeat(201), 'half \ud83d']) {
      expect(await defined({ name })).toMatchObject({
        status: 400,
        body: { message: 'name: expected 1 to 200 characters.' },
      });
    }
  });
});
