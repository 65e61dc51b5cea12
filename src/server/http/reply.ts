/** Answers as the contract has them: JSON bodies, values that may be absent, the one shape of errors. */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros, type Micros } from '../../core/money.ts';
import type { HttpError } from './http-error.ts';

export type Headers = Readonly<Record<string, string>>;
export const NO_HEADERS: Headers = {};

/** On every answer: what it says it is, is what it is, and nobody learns from where it was linked. */
export const SAFE_HEADERS: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** An answer is of its moment: no cache keeps it. Opened as a page it can do nothing. */
const JSON_HEADERS: Headers = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  ...SAFE_HEADERS,
};

const PLAIN_ANSWER = { headers: JSON_HEADERS };

export function json(body: unknown, headers: Headers = NO_HEADERS): Response {
  const answer =
    headers === NO_HEADERS ? PLAIN_ANSWER : { headers: { ...JSON_HEADERS, ...headers } };
  return new Response(JSON.stringify(body), answer);
}

/** Shared by every answer of its status: a bid is answered without making one anew. */
const JSON_ANSWER = {
  200: { status: 200, headers: JSON_HEADERS },
  201: { status: 201, headers: JSON_HEADERS },
  409: { status: 409, headers: JSON_HEADERS },
};

export function jsonWithStatus(status: keyof typeof JSON_ANSWER, body: unknown): Response {
  return new Response(JSON.stringify(body), JSON_ANSWER[status]);
}

export function errorReply({ status, code, message, headers }: HttpError): Response {
  return new Response(JSON.stringify({ error: code, message }), {
    status,
    headers: { ...JSON_HEADERS, ...headers },
  });
}

export function decimalOrNull(value: Micros | null): number | null {
  return value === null ? null : decimalFromMicros(value);
}

export function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : timestamp(atMs);
}
