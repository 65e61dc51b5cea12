/**
 * A route as one value: what it accepts and answers, and the function that does it.
 *
 * The server registers routes from these values and the OpenAPI document is made of the same ones,
 * so neither can say what the other does not do.
 */
import type { TSchema } from '@sinclair/typebox';
import type { BunRequest, Server } from 'bun';
import { present } from '../../core/assert.ts';
import { isId } from '../../core/id.ts';
import type { HttpErrorCode } from './http-error.ts';
import { invalid } from './http-error.ts';
import { Id } from './schema.ts';

/** What a handler may ask about its call besides the request. */
export type Call = {
  readonly request: BunRequest;
  /** The peer's address, as the socket has it. */
  peerAddress(): string;
  /** Makes the connection a WebSocket with this `data`; false when the request does not ask for one. */
  upgrade(data: object): boolean;
};

export type Parameter = {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly description: string;
  readonly schema: TSchema;
  /** A parameter of the path is required anyway. */
  readonly isRequired?: boolean;
  /** It proves who asks: the document has it under security instead of with the parameters. */
  readonly credential?: 'needed' | 'optional';
};

export type Answer = {
  /** 200 unless it says otherwise. */
  readonly status?: 200 | 201 | 409;
  readonly description: string;
  readonly schema: TSchema;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Route = {
  readonly method: 'GET' | 'POST';
  /** With `:name` for a path parameter. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** Whether pages of allowed origins use it from a browser. */
  readonly isForPages?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly body?: TSchema;
  readonly success: Answer;
  /** A refusal that has more to say than an error has. */
  readonly refused?: Answer;
  /** The refusals that this route can give, by status. */
  readonly refusals?: Readonly<Record<number, readonly HttpErrorCode[]>>;
  /** Undefined when the connection has become a WebSocket. */
  handle(call: Call): RouteReply | Promise<RouteReply>;
};

type RouteReply = Response | undefined;

export type BunServer = Server<unknown>;

/** The query of a request. @throws HttpError 400: the Host header alone can make an address invalid. */
export function queryOf(request: Request): URLSearchParams {
  const url = URL.parse(request.url);
  if (url === null) throw invalid('Host: expected a host name, with a port or without.');
  return url.searchParams;
}

/** What stands in the path for `:id`, whatever it is. */
export function pathText({ request }: Call): string {
  const { id } = request.params as { readonly id?: string };
  return present(id, 'the id of the path');
}

/** The id in the path. @throws HttpError 400 */
export function pathId(call: Call): string {
  const id = pathText(call);
  if (!isId(id)) throw invalid(`id: expected ${Id.description}.`);
  return id;
}

/** An id of the query string, null when it is not there. @throws HttpError 400 */
export function idQuery(query: URLSearchParams, name: string): string | null {
  const text = query.get(name);
  if (text !== null && !isId(text)) throw invalid(`${name}: expected ${Id.description}.`);
  return text;
}

/** A whole number of the query string, or its default. @throws HttpError 400 */
export function integerQuery(
  query: URLSearchParams,
  name: string,
  { low, high, fallback }: { low: number; high: number; fallback: number },
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < low || value > high) {
    throw invalid(`${name}: expected a whole number from ${low} to ${high}.`);
  }
  return value;
}
