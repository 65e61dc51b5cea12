/** A limiter's verdict as an answer shows it: the headers that say how it stands, or the refusal. */
import type { RateLimitVerdict } from '../port/rate-limiter.ts';
import { HttpError } from './http-error.ts';
import { type Headers, NO_HEADERS } from './reply.ts';

const MS_PER_SECOND = 1000;

export function limitHeaders({ limit, remaining, resetMs }: RateLimitVerdict): Headers {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': seconds(resetMs),
  };
}

/** @param headers what the refusal says besides when to come again. */
export function tooMany(
  { retryAfterMs }: RateLimitVerdict,
  headers: Headers = NO_HEADERS,
): HttpError {
  return new HttpError(429, 'rate_limit_exceeded', {
    message: 'Too many requests. Please try again later.',
    headers: { ...headers, 'retry-after': seconds(retryAfterMs) },
  });
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / MS_PER_SECOND));
}
