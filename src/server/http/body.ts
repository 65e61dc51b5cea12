/**
 * From hostile bytes to a typed value: the size is bounded, the media type checked, the JSON parsed (its
 * numbers as written, see core/exact-json.ts)
 * and the value held against the schema that the OpenAPI document shows. Unknown fields are ignored
 * by never being read. Each failure is an `HttpError` of the 4xx kind.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { parseExactJson } from '../../core/exact-json.ts';
import { readText } from './body-text.ts';
import { HttpError, invalid } from './http-error.ts';

/** The largest body that a route reads unless it says otherwise. */
const BODY_BYTES = 16 * 1024;

export type BodyReader<Schema extends TSchema> = (request: Request) => Promise<Static<Schema>>;

/** @returns a reader of bodies of one schema, at most `maxBytes` long. */
export function createBodyReader<Schema extends TSchema>(
  schema: Schema,
  maxBytes = BODY_BYTES,
): BodyReader<Schema> {
  const check = TypeCompiler.Compile(schema);
  return async (request) => {
    requireJson(request.headers.get('content-type'));
    const read = readText(request, maxBytes).then(parseExactJson);
    const value: unknown = await read.catch(refuseUnreadable);
    if (!check.Check(value)) throw invalid(firstFault(check, value));
    return value;
  };
}

function requireJson(contentType: string | null): void {
  if (contentType === 'application/json') return;
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/json') return;
  throw new HttpError(415, 'unsupported_media_type', {
    message: 'The body must be JSON: send the header Content-Type: application/json.',
  });
}

function refuseUnreadable(error: unknown): never {
  if (error instanceof HttpError) throw error;
  throw new HttpError(400, 'malformed_json', { message: 'The body is not valid JSON.' });
}

function firstFault(check: TypeCheck<TSchema>, value: unknown): string {
  const fault = check.Errors(value).First();
  if (fault === undefined) return 'The body does not have the expected shape.';
  const place = fault.path === '' ? 'The body' : fault.path.slice(1).replaceAll('/', '.');
  return `${place}: ${expected(fault.schema) ?? fault.message}.`;
}

/** A schema says in its description what is allowed; that reads better than the checker's words. */
function expected(schema: TSchema): string | undefined {
  return schema.description === undefined ? undefined : `expected ${schema.description}`;
}
