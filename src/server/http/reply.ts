/** Answers as the contract has them: JSON bodies, values that may be absent, the one shape of errors. */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros, type Micros } from '../../core/money.ts';
import type { HttpError } from './http-error.ts';

export type Headers = Readonly<Record<string, string>>;
export const NO_HEADERS: Headers = {};

export function json(body: unknown, headers: Headers = NO_HEADERS): Response {
  return new Response(JSON.stringify(body), {
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** Shared by every answer of its status: a bid is answered without making one anew. */
const JSON_ANSWER = {
  200: { status: 200, headers: { 'content-type': 'application/json' } },
  201: { status: 201, headers: { 'content-type': 'application/json' } },
  409: { status: 409, headers: { 'content-type': 'application/json' } },
};

export function jsonWithStatus(status: keyof typeof JSON_ANSWER, body: unknown): Response {
  return new Response(JSON.stringify(body), JSON_ANSWER[status]);
}

export function errorReply({ status, code, message, headers }: HttpError): Response {
  return new Response(JSON.stringify({ error: code, message }), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function decimalOrNull(value: Micros | null): number | null {
  return value === null ? null : decimalFromMicros(value);
}

export function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : timestamp(atMs);
}
