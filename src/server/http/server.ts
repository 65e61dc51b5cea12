/**
 * The HTTP server: it registers the routes, turns refusals into the one error shape and stops
 * cleanly.
 *
 * Every answer is the route's, or `{"error", "message"}` with a 4xx, or 503 when a book could not
 * decide or statistics or an archive cannot be read; a fault of the program is logged and answered 500
 * without its details. Bun's own router does the matching (why: ARCHITECTURE.md). `stop` sends viewers
 * away, ends accepting, lets requests in flight finish and cuts them off after its time.
 */
import type { BunRequest, WebSocketHandler } from 'bun';
import { StatsUnavailableError } from '../../exchange/port/stats.ts';
import { ArchiveUnavailableError } from '../../live/port/item-archive.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import { HttpError } from './http-error.ts';
import { errorReply } from './reply.ts';
import type { BunServer, Call, Route } from './route.ts';

export type ServerLog = { error(details: object, message: string): void };

/** What serves the connections that a route has made WebSockets, each with the data it was given. */
export type ServedSockets<Data> = {
  readonly handler: WebSocketHandler<Data>;
  drain(): Promise<void>;
};

export type ServerParts<Data> = {
  readonly hostname: string;
  readonly port: number;
  /** Whether other processes listen on the same port. */
  readonly sharesPort?: boolean;
  readonly routes: readonly Route[];
  readonly log: ServerLog;
  readonly sockets?: ServedSockets<Data>;
};

export type HttpServer = {
  readonly url: string;
  /**
   * Resolves when the last request in flight has been answered and the WebSockets are closed,
   * `withinMs` at the latest.
   */
  stop(withinMs: number): Promise<void>;
};

export function startServer<Data>(parts: ServerParts<Data>): HttpServer {
  const { hostname, port, sharesPort = false, routes, log, sockets } = parts;
  const patterns = routes.map(({ path, method }) => ({ path: pathRegex(path), method }));
  const server: BunServer = Bun.serve({
    hostname,
    port,
    reusePort: sharesPort,
    // Bun would answer a longer body itself, without our error shape. Each route bounds what it reads;
    // what nobody reads is dropped as it comes (300 MB left the process as it was, 2026-11-21).
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    routes: bunRoutes(routes, log),
    fetch: (request) => unmatched(request, patterns),
    error: (error) => failure(error, log),
    ...(sockets === undefined ? {} : { websocket: sockets.handler as WebSocketHandler<unknown> }),
  });

  async function finish(): Promise<void> {
    await sockets?.drain();
    await server.stop(false);
  }

  async function stop(withinMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([finish(), tooLate]);
    clearTimeout(timer);
    await server.stop(true);
  }

  return { url: server.url.origin, stop };
}

type BunReply = Response | undefined;
type BunHandler = (request: BunRequest, server: BunServer) => BunReply | Promise<BunReply>;

function bunRoutes(routes: readonly Route[], log: ServerLog) {
  const table: Record<string, Partial<Record<Route['method'], BunHandler>>> = {};
  for (const route of routes) {
    table[route.path] = { ...table[route.path], [route.method]: bunHandler(route, log) };
  }
  return table;
}

function bunHandler(route: Route, log: ServerLog): BunHandler {
  const fail = (error: unknown) => failure(error, log);
  return (request, server) => {
    const call: Call = {
      request,
      peerAddress: () => server.requestIP(request)?.address ?? '',
      upgrade: (data) => server.upgrade(request, { data }),
    };
    try {
      const answer = route.handle(call);
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  };
}

function failure(error: unknown, log: ServerLog): Response {
  if (error instanceof HttpError) return errorReply(error);
  if (error instanceof NotDecidedError) return errorReply(notDecided());
  if (error instanceof ArchiveUnavailableError) return errorReply(archiveUnavailable());
  if (error instanceof StatsUnavailableError) return errorReply(statsUnavailable());
  log.error({ err: error }, 'a request failed');
  const message = 'The server failed to answer this request.';
  return errorReply(new HttpError(500, 'internal_error', { message }));
}

function notDecided(): HttpError {
  return new HttpError(503, 'not_decided', {
    message: 'This could not be decided; try again with the same idempotency key.',
    headers: { 'retry-after': '1' },
  });
}

function archiveUnavailable(): HttpError {
  return new HttpError(503, 'archive_unavailable', {
    message: 'The archive cannot be read now; bids and auctions go on without it.',
    headers: { 'retry-after': '1' },
  });
}

function statsUnavailable(): HttpError {
  return new HttpError(503, 'stats_unavailable', {
    message: 'The counters cannot be read now; auctions go on and are counted when they can.',
    headers: { 'retry-after': '1' },
  });
}

type Pattern = { readonly path: RegExp; readonly method: Route['method'] };

function pathRegex(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`);
}

/** A known path with another method is 405, anything else 404. */
function unmatched(request: Request, patterns: readonly Pattern[]): Response {
  const pathname = URL.parse(request.url)?.pathname ?? '';
  const methods = patterns.filter(({ path }) => path.test(pathname)).map(({ method }) => method);
  if (methods.length === 0) {
    return errorReply(
      new HttpError(404, 'not_found', { message: 'There is no such route; see /docs.' }),
    );
  }
  const allow = methods.map((method) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ');
  const message = `This route takes ${allow}.`;
  return errorReply(new HttpError(405, 'method_not_allowed', { message, headers: { allow } }));
}
