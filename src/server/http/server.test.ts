import { describe, expect, spyOn, test } from 'bun:test';
import { Type } from '@sinclair/typebox';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import type { Timers } from '../../core/timer.ts';
import { HttpError, unavailable } from './http-error.ts';
import { createPageAccess } from './origin.ts';
import type { Route } from './route.ts';
import { startServer } from './server.ts';

const SOON_MS = 1_000;

class PortError extends Error {}

function routeOf(handle: Route['handle']): Route {
  const success = { description: 'An answer.', schema: Type.Object({}) };
  return { method: 'GET', path: '/', tag: 'Test', summary: 'A test', success, handle };
}

/** A server of one route; time stands still but for `advance`. */
function serve(handle: Route['handle'], more: Partial<Route> = {}) {
  const time = createManualTime();
  const waiting = new Set<object>();
  const timers: Timers = {
    after(ms, run) {
      const timer = {};
      waiting.add(timer);
      const callOff = time.timers.after(ms, run);
      return () => {
        waiting.delete(timer);
        callOff();
      };
    },
  };
  const faults: object[] = [];
  const server = startServer({
    hostname: '127.0.0.1',
    port: 0,
    routes: [
      { ...routeOf(handle), ...more },
      { ...routeOf(handle), path: '/a.b/:id' },
    ],
    toHttpError: (error) =>
      error instanceof PortError ? unavailable('not_decided', 'Try again.') : undefined,
    timers,
    idleSeconds: 10,
    pages: createPageAccess(['https://auction.example']),
    log: { error: (details) => faults.push(details) },
  });
  const { advance } = time;
  return { ...server, advance, waiting, faults, [Symbol.asyncDispose]: () => server.stop(0) };
}

async function answerOf(url: string) {
  const reply = await fetch(url);
  return { status: reply.status, headers: reply.headers, body: await reply.json() };
}

function throwing(error: unknown): Route['handle'][] {
  return [
    () => {
      throw error;
    },
    () => Promise.reject(error),
  ];
}

describe('an error of a route', () => {
  test('that is an answer is given as it is, and is no fault', async () => {
    const refusal = new HttpError(404, 'not_found', { message: 'No.', headers: { 'x-why': 'so' } });
    for (const handle of throwing(refusal)) {
      await using server = serve(handle);
      const { status, headers, body } = await answerOf(server.url);
      expect([status, headers.get('x-why')]).toEqual([404, 'so']);
      expect(body).toEqual({ error: 'not_found', message: 'No.' });
      expect(server.faults).toEqual([]);
    }
  });

  test('that its feature knows is given as the feature says, and is no fault', async () => {
    for (const handle of throwing(new PortError('secret'))) {
      await using server = serve(handle);
      const { status, headers, body } = await answerOf(server.url);
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
      expect(body).toEqual({ error: 'not_decided', message: 'Try again.' });
      expect(server.faults).toEqual([]);
    }
  });

  test('that nobody knows is logged and answered without its details', async () => {
    const err = new Error('secret');
    for (const handle of throwing(err)) {
      await using server = serve(handle);
      const { status, body } = await answerOf(server.url);
      expect(status).toBe(500);
      expect(body).toEqual({
        error: 'internal_error',
        message: 'The server failed to answer this request.',
      });
      expect(server.faults).toEqual([{ err }]);
    }
  });
});

describe('a request that no route takes', () => {
  test.each([
    ['GET /aXb/1', { status: 404, allow: null }],
    ['GET /a.b', { status: 404, allow: null }],
    ['POST /a.b/1', { status: 405, allow: 'GET, HEAD' }],
    ['DELETE /', { status: 405, allow: 'GET, HEAD' }],
  ])('%s is refused', async (line, { status, allow }) => {
    const [method = '', path = ''] = line.split(' ');
    await using server = serve(() => new Response('done'));
    const reply = await fetch(server.url + path, { method });
    expect([reply.status, reply.headers.get('allow')]).toEqual([status, allow]);
    expect(await reply.json()).toEqual({ error: expect.any(String), message: expect.any(String) });
  });
});

describe('a server that stops', () => {
  test('lets the requests in flight finish, and leaves no timer behind', async () => {
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    const server = serve(() => {
      arrived.resolve();
      return answer.promise;
    });
    const reply = fetch(server.url);
    await arrived.promise;
    const stopped = server.stop(SOON_MS);
    answer.resolve(new Response('done'));
    expect(await (await reply).text()).toBe('done');
    server.advance(SOON_MS - 1);
    await stopped;
    expect(server.waiting.size).toBe(0);
  });

  test('closes each connection with its answer, and goes on while requests come', async () => {
    const server = serve(() => new Response('done'));
    expect((await fetch(server.url)).headers.get('connection')).not.toBe('close');
    server.retire();
    expect((await fetch(server.url)).headers.get('connection')).toBe('close');
    const stopped = server.stop(SOON_MS);
    for (let request = 0; request < 3; request++) {
      server.advance(200);
      expect((await fetch(server.url)).headers.get('connection')).toBe('close');
    }
    server.advance(250);
    await stopped;
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test('cuts them off when its time is over, and not before', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = serve(() => {
      arrived.resolve();
      return new Promise(() => {});
    });
    let isCut = false;
    const reply = fetch(server.url).catch(() => {
      isCut = true;
    });
    await arrived.promise;
    const stopped = server.stop(SOON_MS);
    server.advance(SOON_MS - 1);
    await new Promise(setImmediate);
    expect(isCut).toBe(false);
    server.advance(1);
    await stopped;
    await reply;
    expect(isCut).toBe(true);
  });
});

describe('a page of another origin', () => {
  const origin = 'https://auction.example';

  test('may read a route for pages when it is allowed, after it has asked', async () => {
    await using server = serve(() => new Response('done'), { isForPages: true });
    const asked = await fetch(server.url, { method: 'OPTIONS', headers: { origin } });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, OPTIONS');
    expect(asked.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    const { headers } = await fetch(server.url, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('vary')).toBe('Origin');
  });

  test('may not when it is not, and nobody may read other routes', async () => {
    await using server = serve(() => new Response('done'), { isForPages: true });
    const evil = await fetch(server.url, { headers: { origin: 'https://evil.example' } });
    expect(evil.headers.get('access-control-allow-origin')).toBeNull();
    await using other = serve(() => new Response('done'));
    const { headers } = await fetch(other.url, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('an idle connection is kept as long as the server is told', async () => {
  using bun = spyOn(Bun, 'serve');
  await using _ = serve(() => Response.json({}));
  expect(bun).toHaveBeenCalledWith(expect.objectContaining({ idleTimeout: 10 }));
});
