/** The rate limit of a route: who is counted, and the headers that say how it stands. */

import type { RateLimiter, RateLimitVerdict } from '../port/rate-limiter.ts';
import { addressKey, type createForwardedReader } from './client-address.ts';
import { HttpError, invalid } from './http-error.ts';
import type { Headers } from './reply.ts';
import type { Call } from './route.ts';

const NO_HEADERS: Headers = {};
const MS_PER_SECOND = 1000;

export const RATE_LIMIT_HEADERS = {
  'RateLimit-Limit': 'auctions allowed in a window',
  'RateLimit-Remaining': 'auctions left in the current window',
  'RateLimit-Reset': 'seconds until the oldest counted auction leaves the window',
};

/** Counts a call for its client; gives the headers of the answer. @throws HttpError 429 */
export type Limit = (call: Call, claimedIp: string | undefined) => Headers | Promise<Headers>;

export type LimitParts = {
  /** Undefined when the limit is off. */
  readonly limiter: RateLimiter | undefined;
  readonly forwarded: ReturnType<typeof createForwardedReader>;
};

export function createLimit({ limiter, forwarded }: LimitParts): Limit {
  function clientKey(call: Call, claimedIp: string | undefined): string {
    if (claimedIp !== undefined) {
      const key = addressKey(claimedIp);
      if (key === undefined) throw invalid('ip: expected an IPv4 or IPv6 address.');
      return key;
    }
    const peer = call.peerAddress();
    return addressKey(forwarded(peer, call.request.headers.get('x-forwarded-for'))) ?? peer;
  }

  return (call, claimedIp) => {
    const key = clientKey(call, claimedIp);
    if (limiter === undefined) return NO_HEADERS;
    const verdict = limiter.hit(key);
    return verdict instanceof Promise ? verdict.then(pass) : pass(verdict);
  };
}

function pass(verdict: RateLimitVerdict): Headers {
  const headers = {
    'ratelimit-limit': String(verdict.limit),
    'ratelimit-remaining': String(verdict.remaining),
    'ratelimit-reset': seconds(verdict.resetMs),
  };
  if (verdict.allowed) return headers;
  throw tooMany(verdict, headers);
}

function tooMany({ retryAfterMs }: RateLimitVerdict, headers: Headers): HttpError {
  return new HttpError(429, 'rate_limit_exceeded', {
    message: 'Too many requests. Please try again later.',
    headers: { ...headers, 'retry-after': seconds(retryAfterMs) },
  });
}

/** Counts a bid for its user. @throws HttpError 429 */
export type UserLimit = (userId: string) => void | Promise<void>;

/** @param limiter undefined when the limit is off. */
export function createUserLimit(limiter: RateLimiter | undefined): UserLimit {
  if (limiter === undefined) return () => {};
  const passUser = (verdict: RateLimitVerdict): void => {
    if (!verdict.allowed) throw tooMany(verdict, NO_HEADERS);
  };
  return (userId) => {
    const verdict = limiter.hit(userId);
    return verdict instanceof Promise ? verdict.then(passUser) : passUser(verdict);
  };
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / MS_PER_SECOND));
}
