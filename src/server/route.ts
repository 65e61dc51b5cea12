/**
 * A route as one value: what it accepts and answers, and the function that does it.
 *
 * The server registers routes from these values and the OpenAPI document is made of the same ones,
 * so neither can say what the other does not do.
 */
import type { TSchema } from '@sinclair/typebox';
import type { BunRequest, Server } from 'bun';
import type { HttpErrorCode } from './http-error.ts';
import { invalid } from './http-error.ts';

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
};

export type Answer = {
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
  readonly parameters?: readonly Parameter[];
  readonly body?: TSchema;
  readonly success: Answer;
  /** The refusals that this route can give, by status. */
  readonly refusals?: Readonly<Record<number, readonly HttpErrorCode[]>>;
  /** Undefined when the connection has become a WebSocket. */
  handle(call: Call): RouteReply | Promise<RouteReply>;
};

type RouteReply = Response | undefined;

export type BunServer = Server<unknown>;

/** A whole number of the query string, or its default. */
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
