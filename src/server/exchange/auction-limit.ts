/** How many auctions a client may ask for: who is counted, and the headers that say how it stands. */

import { addressKey, type ForwardedReader } from '../http/client-address.ts';
import { invalid } from '../http/http-error.ts';
import { limitHeaders, tooMany } from '../http/rate-limit.ts';
import { type Headers, NO_HEADERS } from '../http/reply.ts';
import type { Call } from '../http/route.ts';
import type { RateLimiter, RateLimitVerdict } from '../port/rate-limiter.ts';

export const AUCTION_LIMIT_HEADERS = {
  'RateLimit-Limit': 'auctions allowed in a window',
  'RateLimit-Remaining': 'auctions left in the current window',
  'RateLimit-Reset': 'seconds until the oldest counted auction leaves the window',
};

/** Counts a call for its client; gives the headers of the answer. @throws HttpError 429 */
export type AuctionLimit = (
  call: Call,
  claimedIp: string | undefined,
) => Headers | Promise<Headers>;

/** What is malformed is refused before anything is looked up. @throws HttpError 400 */
export function checkAddress(claimedIp: string | undefined): void {
  if (claimedIp === undefined || addressKey(claimedIp) !== undefined) return;
  throw invalid('ip: expected an IPv4 or IPv6 address.');
}

export type AuctionLimitParts = {
  /** Undefined when the limit is off. */
  readonly limiter: RateLimiter | undefined;
  readonly forwarded: ForwardedReader;
};

export function createAuctionLimit({ limiter, forwarded }: AuctionLimitParts): AuctionLimit {
  function clientKey(call: Call, claimedIp: string | undefined): string {
    if (claimedIp !== undefined) {
      const key = addressKey(claimedIp);
      if (key === undefined) throw invalid('ip: expected an IPv4 or IPv6 address.');
      return key;
    }
    const peer = call.peerAddress();
    return addressKey(forwarded(peer, call.request.headers)) ?? peer;
  }

  return (call, claimedIp) => {
    const key = clientKey(call, claimedIp);
    if (limiter === undefined) return NO_HEADERS;
    const verdict = limiter.hit(key);
    return verdict instanceof Promise ? verdict.then(pass) : pass(verdict);
  };
}

function pass(verdict: RateLimitVerdict): Headers {
  const headers = limitHeaders(verdict);
  if (verdict.allowed) return headers;
  throw tooMany(verdict, headers);
}
