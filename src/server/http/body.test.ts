import { describe, expect, test } from 'bun:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { Type } from '@sinclair/typebox';
import { createBodyReader } from './body.ts';
import { HttpError } from './http-error.ts';

const MOST_BYTES = 64;
const Schema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'a name' }),
    marks: Type.Optional(Type.Array(Type.Integer({ minimum: 1, description: 'a mark from 1' }))),
  },
  { description: 'an object with name' },
);
const read = createBodyReader(Schema, MOST_BYTES);

const JSON_TYPE = 'application/json';

/** Two requests of one body: the length told before, and not. */
function bothWays(body: string | Uint8Array<ArrayBuffer>, type = JSON_TYPE): Request[] {
  const length = String(new Blob([body]).size);
  return [{ 'content-type': type, 'content-length': length }, { 'content-type': type }].map(
    (headers) => new Request('http://x/', { method: 'POST', headers, body }),
  );
}

async function refusal(request: Request): Promise<HttpError> {
  const error = await read(request).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HttpError) return error;
  throw new Error(`not refused, or not as it should be: ${error}`);
}

function encoded(body: Uint8Array<ArrayBuffer>, encoding: string): Request[] {
  return bothWays(body).map((request) => {
    request.headers.set('content-encoding', encoding);
    return request;
  });
}

const gzipped = (text: string) => new Uint8Array(gzipSync(text));

describe('a body reader', () => {
  test('gives what fits the schema, unknown fields included', async () => {
    for (const request of bothWays('{"name":"a","marks":[1],"x":{}}')) {
      expect(await read(request)).toMatchObject({ name: 'a', marks: [1] });
    }
  });

  test.each([JSON_TYPE, 'application/json; charset=utf-8', 'APPLICATION/JSON ;x=y'])(
    'takes the media type %p',
    async (type) => {
      for (const request of bothWays('{"name":"a"}', type)) {
        expect(await read(request)).toEqual({ name: 'a' });
      }
    },
  );

  test.each(['text/plain', 'application/jsonp', 'application/problem+json', 'text/json, x'])(
    'refuses the media type %p',
    async (type) => {
      for (const request of bothWays('{"name":"a"}', type)) {
        expect(await refusal(request)).toMatchObject({
          status: 415,
          code: 'unsupported_media_type',
        });
      }
    },
  );

  test('takes the largest body and refuses one byte more', async () => {
    const largest = '{"name":"a"}'.padEnd(MOST_BYTES);
    for (const request of bothWays(largest)) expect(await read(request)).toEqual({ name: 'a' });
    for (const request of bothWays(`${largest} `)) {
      expect(await refusal(request)).toMatchObject({ status: 413, code: 'body_too_large' });
    }
  });

  test('counts bytes, not characters', async () => {
    for (const request of bothWays(`{"name":"${'é'.repeat(MOST_BYTES / 2)}"}`)) {
      expect(await refusal(request)).toMatchObject({ status: 413 });
    }
  });

  test('reads a character that two chunks share', async () => {
    const bytes = new TextEncoder().encode('{"name":"é"}');
    const cut = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut));
        controller.enqueue(bytes.slice(cut));
        controller.close();
      },
    });
    const headers = { 'content-type': JSON_TYPE };
    expect(await read(new Request('http://x/', { method: 'POST', headers, body }))).toEqual({
      name: 'é',
    });
  });

  test('stops reading a stream when it is too long', async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(32).fill(0x20));
      },
    });
    const headers = { 'content-type': JSON_TYPE };
    const request = new Request('http://x/', { method: 'POST', headers, body });
    expect(await refusal(request)).toMatchObject({ status: 413 });
    expect(pulled).toBeLessThan(10);
  });

  test.each(['', ' ', '{', '{"name":}', 'name', '[1,]', '{"name":"a"} x'])(
    'refuses %p as malformed',
    async (text) => {
      for (const request of bothWays(text)) {
        expect(await refusal(request)).toMatchObject({ status: 400, code: 'malformed_json' });
      }
    },
  );

  test.each([
    ['[]', 'The body: expected an object with name.'],
    ['null', 'The body: expected an object with name.'],
    ['{}', 'name: expected a name.'],
    ['{"name":""}', 'name: expected a name.'],
    ['{"name":"a","marks":[1,0]}', 'marks.1: expected a mark from 1.'],
    ['{"__proto__":{"name":"a"}}', 'name: expected a name.'],
  ])('refuses %p and tells the place and what is expected there', async (text, message) => {
    for (const request of bothWays(text)) {
      expect(await refusal(request)).toMatchObject({
        status: 400,
        code: 'invalid_request',
        message,
      });
    }
  });

  test.each(['gzip', 'GZIP', ' x-gzip '])('unfolds a body that is sent as %p', async (encoding) => {
    for (const request of encoded(gzipped('{"name":"a"}'), encoding)) {
      expect(await read(request)).toEqual({ name: 'a' });
    }
  });

  test('takes a body that says that it is sent as it is', async () => {
    const bytes = new TextEncoder().encode('{"name":"a"}');
    for (const request of encoded(bytes, 'identity')) expect(await read(request)).toBeDefined();
  });

  test('bounds a gzip body by what it unfolds to', async () => {
    const largest = '{"name":"a"}'.padEnd(MOST_BYTES);
    for (const request of encoded(gzipped(largest), 'gzip')) {
      expect(await read(request)).toEqual({ name: 'a' });
    }
    for (const text of [`${largest} `, ' '.repeat(20_000)]) {
      const bytes = gzipped(text);
      expect(bytes.byteLength).toBeLessThan(MOST_BYTES);
      for (const request of encoded(bytes, 'gzip')) {
        expect(await refusal(request)).toMatchObject({ status: 413, code: 'body_too_large' });
      }
    }
  });

  test('refuses what calls itself gzip and is not, or not whole', async () => {
    const whole = gzipped('{"name":"a"}');
    for (const bytes of [new TextEncoder().encode('{"name":"a"}'), whole.slice(0, -9)]) {
      for (const request of encoded(bytes, 'gzip')) {
        expect(await refusal(request)).toMatchObject({ status: 400, code: 'malformed_json' });
      }
    }
  });

  test.each(['deflate', 'br', 'zstd', 'gzip, gzip', 'gzip, identity'])(
    'refuses the encoding %p and names the one it reads',
    async (encoding) => {
      const bytes = new Uint8Array(deflateSync('{"name":"a"}'));
      for (const request of encoded(bytes, encoding)) {
        expect(await refusal(request)).toMatchObject({
          status: 415,
          headers: { 'accept-encoding': 'gzip' },
        });
      }
    },
  );

  test('passes over a byte order mark', async () => {
    for (const request of bothWays('\uFEFF{"name":"a"}')) {
      expect(await read(request)).toEqual({ name: 'a' });
    }
  });

  test.each([
    ['Latin-1', [0xe9]],
    ['half a character', [0xc3]],
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('refuses %s in a text', async (_, bytes) => {
    const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]);
    for (const request of bothWays(new Uint8Array(body))) {
      expect(await refusal(request)).toMatchObject({
        status: 400,
        code: 'malformed_json',
        message: 'The body is not valid UTF-8.',
      });
    }
  });

  test('refuses UTF-16, with its mark or without', async () => {
    const body = new Uint8Array(Buffer.from('\uFEFF{"name":"a"}', 'utf16le'));
    for (const bytes of [body, body.slice(2)]) {
      for (const request of bothWays(bytes)) {
        expect(await refusal(request)).toMatchObject({ status: 400, code: 'malformed_json' });
      }
    }
  });
});
