/** Answers as the contract has them: JSON bodies and the one shape of errors. */
import type { HttpError } from './http-error.ts';

export type Headers = Readonly<Record<string, string>>;

export function json(body: unknown, headers: Headers = {}): Response {
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
