/**
 * Who bids, and who may administer.
 *
 * Trusting: the `user_id` of the body is believed; for a laptop or behind a gateway that has checked
 * it. By token: the bidder is the subject of a signed JWT with the right audience, issuer and an
 * expiry; a body that names another user is refused. A verified token is remembered until it
 * expires, a minute at most, so that a bidder costs one signature per minute. Not promised:
 * revocation; keep tokens short.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { Clock } from '../../core/clock.ts';
import { isId } from '../../core/id.ts';
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

/** Longest token that is looked at, and verified tokens that are remembered. */
export type TokenLimit = { readonly characters: number; readonly remembered: number };

const TOKEN_LIMIT: TokenLimit = { characters: 4_096, remembered: 20_000 };

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

export function createTokenIdentity(
  rule: TokenRule,
  clock: Clock,
  limit: TokenLimit = TOKEN_LIMIT,
): Identity {
  const subjectOf = createSubjectReader(rule, clock, limit);
  const checked = (subject: string, claimedId: string | undefined): string => {
    if (claimedId === undefined || claimedId === subject) return subject;
    throw new HttpError(403, 'forbidden', { message: 'user_id: the token is of another user.' });
  };
  return {
    bidderOf: (request, claimedId) => {
      const subject = subjectOf(bearerOf(request));
      if (typeof subject === 'string') return checked(subject, claimedId);
      return subject.then((found) => checked(found, claimedId));
    },
    viewerOf: (request) => {
      const token = bearerOf(request);
      return token === undefined ? null : subjectOf(token);
    },
  };
}

/** Verifies a token, or remembers that it was. */
function createSubjectReader(
  rule: TokenRule,
  clock: Clock,
  limit: TokenLimit,
): (token: string | undefined) => string | Promise<string> {
  const proofs = createProofs(limit.remembered);

  async function prove(token: string): Promise<string> {
    const proof = await verify(token, rule, clock.nowMs());
    proofs.keep(token, proof);
    return proof.subject;
  }

  return (token) => {
    if (token === undefined) throw unauthorized('a token');
    if (token.length > limit.characters) throw unauthorized('a shorter token');
    return proofs.find(token, clock.nowMs())?.subject ?? prove(token);
  };
}

type Proof = { readonly subject: string; readonly untilMs: number };

/** The newest verified tokens. */
function createProofs(most: number) {
  const proofs = new Map<string, Proof>();
  return {
    find(token: string, nowMs: number): Proof | undefined {
      const proof = proofs.get(token);
      if (proof === undefined || nowMs < proof.untilMs) return proof;
      proofs.delete(token);
      return undefined;
    },
    keep(token: string, proof: Proof): void {
      const [oldest] = proofs.size >= most ? proofs.keys() : [];
      if (oldest !== undefined) proofs.delete(oldest);
      proofs.set(token, proof);
    },
  };
}

/** @throws HttpError 401 */
async function verify(
  token: string,
  { key, audience, issuer }: TokenRule,
  nowMs: number,
): Promise<Proof> {
  const verified = await jwtVerify(token, key.find, {
    algorithms: [...key.algorithms],
    audience,
    issuer,
    requiredClaims: ['exp', 'sub'],
    currentDate: new Date(nowMs),
  }).catch(() => undefined);
  const { sub: subject = '', exp = 0 } = verified?.payload ?? {};
  if (!isId(subject)) throw unauthorized('a valid token', 'error="invalid_token"');
  return { subject, untilMs: Math.min(nowMs + REMEMBERED_MS, exp * MS_PER_SECOND) };
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

/** Digests have one length, so that comparing them reveals nothing of the key. */
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
