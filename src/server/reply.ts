/** Answers as the contract has them: JSON bodies and the one shape of errors. */
import type { HttpError } from './http-error.ts';

export type Headers = Readonly<Record<string, string>>;

export function json(body: unknown, headers: Headers = {}): Response {
  return new Response(JSON.stringify(body), {
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function errorReply({ status, code, message, headers }: HttpError): Response {
  return new Response(JSON.stringify({ error: code, message }), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
