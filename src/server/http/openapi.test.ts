import { expect, test } from 'bun:test';
import { Type } from '@sinclair/typebox';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';

type Operation = { readonly responses: Record<string, { headers?: Record<string, unknown> }> };

const LIMITED: Route = {
  method: 'POST',
  path: '/limited/:id',
  tag: 'Test',
  summary: 'A test',
  success: { description: 'An answer.', schema: Type.Object({}), headers: { 'X-Left': 'left' } },
  refusals: { 400: ['invalid_request'], 429: ['rate_limit_exceeded'] },
  handle: () => undefined,
};

test('a refusal for its rate says when to come again besides what an answer says; no other does', () => {
  const paths = openApiDocument([LIMITED], '1.0.0')['paths'] as Record<string, { post: Operation }>;
  const responses = paths['/limited/{id}']?.post.responses ?? {};
  expect(Object.keys(responses['429']?.headers ?? {})).toEqual(['X-Left', 'Retry-After']);
  expect(responses['400']?.headers).toBeUndefined();
});
