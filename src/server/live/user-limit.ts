/** How many bids a user may make a second. */
import { tooMany } from '../http/rate-limit.ts';
import type { RateLimiter, RateLimitVerdict } from '../port/rate-limiter.ts';

/** Counts a bid for its user. @throws HttpError 429 */
export type UserLimit = (userId: string) => void | Promise<void>;

/** @param limiter undefined when the limit is off. */
export function createUserLimit(limiter: RateLimiter | undefined): UserLimit {
  if (limiter === undefined) return () => {};
  return (userId) => {
    const verdict = limiter.hit(userId);
    return verdict instanceof Promise ? verdict.then(pass) : pass(verdict);
  };
}

function pass(verdict: RateLimitVerdict): void {
  if (!verdict.allowed) throw tooMany(verdict);
}
