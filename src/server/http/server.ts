/**
 * The HTTP server: it registers the routes, turns refusals into the one error shape and stops
 * cleanly.
 *
 * Every answer is the route's, or `{"error", "message"}`: what a route throws is an `HttpError`, an error
 * that `toHttpError` knows, or a fault of the program, which is logged and answered 500 without its
 * details. Bun's own router does the matching (why: ARCHITECTURE.md). `stop` sends viewers away, ends
 * accepting, lets requests in flight finish and cuts them off after its time.
 */
import type { BunRequest, WebSocketHandler } from 'bun';
import type { Timers } from '../../core/timer.ts';
import { marked, preflight } from './cross-origin.ts';
import { HttpError } from './http-error.ts';
import type { PageAccess } from './origin.ts';
import { errorReply } from './reply.ts';
import { createRetirement, type Retirement } from './retirement.ts';
import type { BunServer, Call, Route } from './route.ts';

export type ServerLog = { error(details: object, message: string): void };

/** What serves the connections that a route has made WebSockets, each with the data it was given. */
export type ServedSockets<Data> = {
  readonly handler: WebSocketHandler<Data>;
  drain(): Promise<void>;
};

type ToHttpError = (error: unknown) => HttpError | undefined;

export type ServerParts<Data> = {
  readonly hostname: string;
  readonly port: number;
  /** Whether other processes listen on the same port. */
  readonly sharesPort?: boolean;
  /** How long an idle connection is kept: longer than the balancer in front keeps it. */
  readonly idleSeconds: number;
  readonly routes: readonly Route[];
  /** The answer to an error of a port behind the routes; undefined for a fault of the program. */
  readonly toHttpError: ToHttpError;
  readonly timers: Timers;
  /** Whose pages may use the routes that are for pages. */
  readonly pages: PageAccess;
  readonly log: ServerLog;
  readonly sockets?: ServedSockets<Data>;
};

export type HttpServer = {
  readonly url: string;
  /**
   * From now on every answer closes its connection, so that keep-alive clients go elsewhere before
   * anything is cut.
   */
  retire(): void;
  /**
   * Resolves when the last request in flight has been answered and the WebSockets are closed,
   * `withinMs` at the latest.
   */
  stop(withinMs: number): Promise<void>;
};

export function startServer<Data>(parts: ServerParts<Data>): HttpServer {
  const { hostname, port, sharesPort = false, idleSeconds, routes, sockets } = parts;
  const retirement = createRetirement(parts.timers);
  const fail = failureOf(parts);
  const handling = { fail, retirement, pages: parts.pages };
  const patterns = routes.map((route) => patternOf(route, handling));
  const server: BunServer = Bun.serve({
    hostname,
    port,
    reusePort: sharesPort,
    // Bun would answer a longer body itself, without our error shape. Each route bounds what it reads;
    // what nobody reads is dropped as it comes (300 MB left the process as it was, 2026-11-21).
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: idleSeconds,
    routes: bunRoutes(routes, handling),
    fetch: (request, self) => {
      const answer = spelledAnew(request, patterns)?.(request as BunRequest, self);
      return answer ?? retirement.seen(unmatched(request, patterns));
    },
    error: fail,
    ...(sockets === undefined ? {} : { websocket: sockets.handler as WebSocketHandler<unknown> }),
  });

  async function finish(withinMs: number): Promise<void> {
    retirement.begin();
    await Promise.all([sockets?.drain(), retirement.quiet(withinMs)]);
    await server.stop(false);
  }

  async function stop(withinMs: number): Promise<void> {
    const tooLate = Promise.withResolvers<void>();
    const callOff = parts.timers.after(withinMs, tooLate.resolve);
    await Promise.race([finish(withinMs), tooLate.promise]);
    callOff();
    await server.stop(true);
  }

  return { url: server.url.origin, retire: retirement.begin, stop };
}

type Fail = (error: unknown) => Response;
type BunReply = Response | undefined;
type RouteTable = Record<string, Partial<Record<Route['method'] | 'OPTIONS', BunHandler>>>;
type BunHandler = (request: BunRequest, server: BunServer) => BunReply | Promise<BunReply>;

type Handling = {
  readonly fail: Fail;
  readonly retirement: Retirement;
  readonly pages: PageAccess;
};

function bunRoutes(routes: readonly Route[], handling: Handling) {
  const table: RouteTable = {};
  for (const route of routes) {
    const others = table[route.path];
    table[route.path] = { ...others, [route.method]: bunHandler(route, handling) };
    if (route.isForPages) addPreflight(route.path, { table, handling });
  }
  return withSlashes(table);
}

/** Each path with a slash at its end is the same route. */
function withSlashes(table: RouteTable): RouteTable {
  const slashed = Object.entries(table).map(([path, handlers]) => [`${path}/`, handlers] as const);
  return { ...Object.fromEntries(slashed), ...table };
}

function addPreflight(
  path: string,
  { table, handling }: { readonly table: RouteTable; readonly handling: Handling },
): void {
  const { GET, POST } = table[path] ?? {};
  const methods = [...(GET ? (['GET'] as const) : []), ...(POST ? (['POST'] as const) : [])];
  const { pages, retirement } = handling;
  const OPTIONS: BunHandler = (request) => retirement.seen(preflight(request, methods, pages));
  table[path] = { ...table[path], OPTIONS };
}

function bunHandler(route: Route, { fail, retirement, pages }: Handling): BunHandler {
  return (request, server) => {
    const answered = (reply: BunReply): BunReply => {
      if (route.isForPages && reply !== undefined) marked(reply, request, pages);
      return retirement.seen(reply);
    };
    const call: Call = {
      request,
      peerAddress: () => server.requestIP(request)?.address ?? '',
      upgrade: (data) => server.upgrade(request, { data }),
    };
    try {
      const answer = route.handle(call);
      return answer instanceof Promise ? answer.catch(fail).then(answered) : answered(answer);
    } catch (error) {
      return answered(fail(error));
    }
  };
}

function failureOf({ toHttpError, log }: Pick<ServerParts<never>, 'toHttpError' | 'log'>): Fail {
  return (error) => {
    const known = error instanceof HttpError ? error : toHttpError(error);
    if (known !== undefined) return errorReply(known);
    log.error({ err: error }, 'a request failed');
    const message = 'The server failed to answer this request.';
    return errorReply(new HttpError(500, 'internal_error', { message }));
  };
}

type Pattern = {
  readonly path: RegExp;
  readonly method: Route['method'];
  readonly handle: BunHandler;
};

function patternOf(route: Route, handling: Handling): Pattern {
  const { path, method } = route;
  return { path: pathRegex(path), method, handle: bunHandler(route, handling) };
}

function pathRegex(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`);
}

/**
 * The handler of a path that Bun's router did not know as it was written, such as `/./stat`: an address
 * without its dots is the same one (RFC 3986). What stands for `:id` is given along.
 */
function spelledAnew(request: Request, patterns: readonly Pattern[]): BunHandler | undefined {
  const pathname = pathnameOf(request);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  for (const { path, method: own, handle } of patterns) {
    const match = own === method ? path.exec(pathname) : null;
    if (match === null) continue;
    Object.defineProperty(request, 'params', { value: { ...match.groups } });
    return handle;
  }
  return undefined;
}

function pathnameOf(request: Request): string {
  return URL.parse(request.url)?.pathname ?? '';
}

/** A known path with another method is 405, anything else 404. */
function unmatched(request: Request, patterns: readonly Pattern[]): Response {
  const pathname = pathnameOf(request);
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
