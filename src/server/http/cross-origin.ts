/** Answers to pages of other origins (CORS): those that are allowed may read what the server says. */
import type { PageAccess } from './origin.ts';
import { SAFE_HEADERS } from './reply.ts';
import type { Route } from './route.ts';

const PREFLIGHT_SECONDS = 600;
const READABLE = 'Gavel-Cached, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset';
const SENDABLE = 'Authorization, Content-Type, Idempotency-Key, X-Admin-Key';

/** Marks an answer for the page that asked; without an allowed origin it stays as it is. */
export function marked(response: Response, request: Request, pages: PageAccess): Response {
  const origin = pages.foreign(request.headers);
  if (origin === null) return response;
  response.headers.set('access-control-allow-origin', origin);
  response.headers.set('access-control-expose-headers', READABLE);
  response.headers.append('vary', 'Origin');
  return response;
}

/** What a browser asks before it sends the request proper. */
export function preflight(
  request: Request,
  methods: readonly Route['method'][],
  pages: PageAccess,
): Response {
  const allow = [...methods, 'OPTIONS'].join(', ');
  const response = new Response(null, { status: 204, headers: { allow, ...SAFE_HEADERS } });
  if (pages.foreign(request.headers) === null) return response;
  response.headers.set('access-control-allow-methods', allow);
  response.headers.set('access-control-allow-headers', SENDABLE);
  response.headers.set('access-control-max-age', String(PREFLIGHT_SECONDS));
  return marked(response, request, pages);
}
