/**
 * Who bids, and who may administer.
 *
 * Trusting: the `user_id` of the body is believed; for a laptop or behind a gateway that has checked
 * it. By token: the bidder is the subject of a signed JWT with the right audience, issuer and an
 * expiry; a body that names another user is refused. A verified token is remembered until it
 * expires, a minute at most, so that a bidder costs one signature a minute. Not promised:
 * revocation; keep tokens short.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { Clock } from '../../core/clock.ts';
import { isId } from '../../core/id.ts';
import { LIMIT } from '../../core/limit.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { Id } from '../http/schema.ts';
import type { TokenKey } from './token-key.ts';

export type Identity = {
  /** The bidder of a request, given the `user_id` of its body. @throws HttpError 400, 401 or 403 */
  bidderOf(request: Request, claimedId: string | undefined): string | Promise<string>;
  /** Who looks, null when nobody says so or it cannot be proved. @throws HttpError 401 */
  viewerOf(request: Request): string | null | Promise<string | null>;
};

export type TokenRule = {
  readonly key: TokenKey;
  readonly audience: string;
  readonly issuer: string;
};

/** @throws HttpError 401 or 403 unless the request has the admin key. */
export type AdminGate = (request: Request) => void;

const REMEMBERED_MS = 60_000;
const MS_PER_SECOND = 1000;
const BEARER = /^Bearer +(\S+)$/i;

export const trustingIdentity: Identity = {
  bidderOf: (_request, claimedId) => {
    if (claimedId === undefined) throw invalid(`user_id: expected ${Id.description}.`);
    return claimedId;
  },
  viewerOf: () => null,
};

export function createTokenIdentity(rule: TokenRule, clock: Clock): Identity {
  const subjectOf = createSubjectReader(rule, clock);
  const checked = (subject: string, claimedId: string | undefined): string => {
    if (claimedId === undefined || claimedId === subject) return subject;
    throw new HttpError(403, 'forbidden', { message: 'user_id: the token is of another user.' });
  };
  return {
    bidderOf: (request, claimedId) => {
      const subject = subjectOf(bearerOf(request) ?? '');
      if (typeof subject === 'string') return checked(subject, claimedId);
      return subject.then((found) => checked(found, claimedId));
    },
    viewerOf: (request) => {
      const token = bearerOf(request);
      return token === undefined ? null : subjectOf(token);
    },
  };
}

function createSubjectReader({ key, audience, issuer }: TokenRule, clock: Clock) {
  const remembered = new Map<string, { readonly subject: string; readonly untilMs: number }>();
  const options = {
    algorithms: [...key.algorithms],
    audience,
    issuer,
    requiredClaims: ['exp', 'sub'],
  };

  async function verify(token: string): Promise<string> {
    const nowMs = clock.nowMs();
    const verified = await jwtVerify(token, key.find, {
      ...options,
      currentDate: new Date(nowMs),
    }).catch(() => undefined);
    const { sub: subject = '', exp = 0 } = verified?.payload ?? {};
    if (!isId(subject)) throw unauthorized('a valid token', 'error="invalid_token"');
    const untilMs = Math.min(nowMs + REMEMBERED_MS, exp * MS_PER_SECOND);
    remember(token, { subject, untilMs });
    return subject;
  }

  function remember(token: string, proof: { subject: string; untilMs: number }): void {
    if (remembered.size >= LIMIT.tokensRemembered) {
      const oldest = remembered.keys().next().value;
      if (oldest !== undefined) remembered.delete(oldest);
    }
    remembered.set(token, proof);
  }

  return (token: string): string | Promise<string> => {
    if (token === '') throw unauthorized('a token');
    if (token.length > LIMIT.tokenCharacters) throw unauthorized('a shorter token');
    const known = remembered.get(token);
    if (known === undefined) return verify(token);
    if (clock.nowMs() < known.untilMs) return known.subject;
    remembered.delete(token);
    return verify(token);
  };
}

/** @param adminKey when it is empty, every admin route is shut. */
export function createAdminGate(adminKey: string): AdminGate {
  const expected = adminKey === '' ? null : digest(adminKey);
  return (request) => {
    if (expected === null) {
      throw new HttpError(403, 'forbidden', { message: 'This node has no admin key (ADMIN_KEY).' });
    }
    const given = request.headers.get('x-admin-key') ?? bearerOf(request);
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw unauthorized('the admin key (X-Admin-Key, or Bearer)');
    }
  };
}

/** Digests have one length, so that comparing them tells nothing of the key. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bearerOf(request: Request): string | undefined {
  return BEARER.exec(request.headers.get('authorization') ?? '')?.[1];
}

function unauthorized(wanted: string, detail?: string): HttpError {
  const challenge = detail === undefined ? 'Bearer' : `Bearer ${detail}`;
  return new HttpError(401, 'unauthorized', {
    message: `The header Authorization must hold ${wanted}.`,
    headers: { 'www-authenticate': challenge },
  });
}
