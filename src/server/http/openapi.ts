/** The OpenAPI 3.1 document, made of the routes that the server registers. */
import type { TSchema } from '@sinclair/typebox';
import type { Answer, Parameter, Route } from './route.ts';
import { ErrorBody } from './schema.ts';

type Json = Record<string, unknown>;

const REFUSAL_MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request is malformed or invalid.',
  401: 'No valid credentials.',
  403: 'Not allowed.',
  404: 'There is no such thing.',
  409: 'A rule refused it.',
  413: 'The body is too large.',
  415: 'The body is not declared as JSON, or it is encoded in another way than gzip.',
  422: 'It contradicts an earlier request.',
  426: 'It does not ask to become a WebSocket.',
  429: 'Too many requests; Retry-After says when to come again.',
  503: 'Not decided or not to be had just now, or the node is stopping; try again.',
};

const RETRY_AFTER = { 'Retry-After': 'seconds until the next request is allowed' };

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: "a bidder's token, or the admin key" },
  adminKey: { type: 'apiKey', in: 'header', name: 'X-Admin-Key', description: 'the admin key' },
};

export function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gavel',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Real-time bidding. Amounts are decimal currency units (0.83) with at most 6 decimals; ' +
        'unknown fields of a request are ignored; every error is {"error", "message"}.',
    },
    // Relative to the document, wherever a proxy has put it.
    servers: [{ url: './' }],
    paths,
    components: { schemas: { Error: ErrorBody }, securitySchemes: SECURITY_SCHEMES },
  };
}

function operation(route: Route): Json {
  const { summary, description, tag, body } = route;
  const parameters = route.parameters?.filter(({ credential }) => credential === undefined);
  return {
    summary,
    operationId: operationId(route),
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(parameters === undefined ? {} : { parameters: parameters.map(parameter) }),
    ...security(route.parameters ?? []),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: responses(route),
  };
}

function operationId({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(\w)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`;
}

/** Any one of them does; the empty one says that it also goes without. */
function security(parameters: readonly Parameter[]): Json {
  const credentials = parameters.filter(({ credential }) => credential !== undefined);
  if (credentials.length === 0) return {};
  const isNeeded = credentials.some(({ credential }) => credential === 'needed');
  const takesAdmin = credentials.some(({ name }) => name === 'X-Admin-Key');
  const ways = [...(isNeeded ? [] : [{}]), ...(takesAdmin ? [{ adminKey: [] }] : [])];
  return { security: [...ways, { bearer: [] }] };
}

function requestBody(schema: TSchema): Json {
  return { required: true, content: { 'application/json': { schema, ...exampleOf(schema) } } };
}

function parameter(one: Parameter): Json {
  const { name, description, schema } = one;
  const required = one.in === 'path' || one.isRequired === true;
  return { in: one.in, name, description, schema, required, ...exampleOf(schema) };
}

/** What "Try it out" begins with. */
function exampleOf({ examples }: TSchema): Json {
  return Array.isArray(examples) ? { example: examples[0] } : {};
}

function responses({ success, refused, refusals }: Route): Json {
  const all: Json = {};
  for (const answer of [success, refused]) {
    if (answer !== undefined) all[answer.status ?? 200] = response(answer);
  }
  for (const [status, codes] of Object.entries(refusals ?? {})) {
    all[status] = {
      description: `${REFUSAL_MEANINGS[Number(status)] ?? 'Refused.'} error: ${codes.join(', ')}`,
      ...(status === '429' ? headerTexts({ ...success.headers, ...RETRY_AFTER }) : {}),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    };
  }
  return all;
}

function response({ description, schema, headers }: Answer): Json {
  return { description, ...headerTexts(headers), content: { 'application/json': { schema } } };
}

function headerTexts(headers: Readonly<Record<string, string>> = {}): Json {
  const named = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'integer' } },
  ]);
  return named.length === 0 ? {} : { headers: Object.fromEntries(named) };
}
