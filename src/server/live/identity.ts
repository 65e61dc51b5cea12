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
import type { Clock } from '../../core/clock.ts';
import { ADMIN, type Looker, PUBLIC } from '../../live/rule/view.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { UserId } from '../http/schema.ts';
import { type Proof, type TokenRule, unauthorized, verifyToken } from './token.ts';

export type Identity = {
  /** The bidder of a request, given the `user_id` of its body. @throws HttpError 400, 401 or 403 */
  bidderOf(request: Request, claimedId: string | undefined): string | Promise<string>;
  /** Who looks, null when nobody says so or it cannot be proved. @throws HttpError 401 */
  viewerOf(request: Request): string | null | Promise<string | null>;
};

/** Who looks at an item. @throws HttpError 401 for a token or an admin key that is not right */
export type LookerReader = (request: Request) => Looker | Promise<Looker>;

/** Longest token that is looked at, and verified tokens that are remembered. */
export type TokenLimit = { readonly characters: number; readonly remembered: number };

const TOKEN_LIMIT: TokenLimit = { characters: 4_096, remembered: 20_000 };

/** @throws HttpError 401 or 403 unless the request has the admin key. */
export type AdminGate = (request: Request) => void;

const ADMIN_HEADER = 'x-admin-key';
const BEARER = /^Bearer +(\S+)$/i;

export const trustingIdentity: Identity = {
  bidderOf: (_request, claimedId) => {
    if (claimedId === undefined) throw invalid(`user_id: expected ${UserId.description}.`);
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
    const proof = await verifyToken(token, rule, clock.nowMs());
    proofs.keep(token, proof);
    return proof.subject;
  }

  return (token) => {
    if (token === undefined) throw unauthorized('a token');
    if (token.length > limit.characters) throw unauthorized('a shorter token');
    return proofs.find(token, clock.nowMs())?.subject ?? prove(token);
  };
}

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

/** @param adminKey when it is empty, every admin route is shut. */
export function createAdminGate(adminKey: string): AdminGate {
  const expected = digest(adminKey);
  const isKey = (given: string) => timingSafeEqual(digest(given), expected);
  return (request) => {
    if (adminKey === '') {
      throw new HttpError(403, 'forbidden', { message: 'This node has no admin key (ADMIN_KEY).' });
    }
    const given = request.headers.get(ADMIN_HEADER);
    if (given !== null) {
      if (!isKey(given)) throw refused('X-Admin-Key: this is not the admin key.');
      return;
    }
    const bearer = bearerOf(request);
    if (bearer !== undefined && isKey(bearer)) return;
    throw refused('The header X-Admin-Key must hold the admin key; or Authorization, as Bearer.');
  };
}

/**
 * Who looks: everybody may, and the admin sees all. A key or a token that is there has to be right.
 * The key has to be in its own header: as Bearer it could be guessed where nobody asks for it.
 */
export function createLookerReader(identity: Identity, requireAdmin: AdminGate): LookerReader {
  return (request) => {
    if (request.headers.has(ADMIN_HEADER)) {
      requireAdmin(request);
      return ADMIN;
    }
    const viewerId = identity.viewerOf(request);
    return viewerId instanceof Promise ? viewerId.then(lookerOf) : lookerOf(viewerId);
  };
}

function lookerOf(userId: string | null): Looker {
  return userId === null ? PUBLIC : { userId, seesAll: false };
}

/** Digests have one length, so that comparing them reveals nothing of the key. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bearerOf(request: Request): string | undefined {
  return BEARER.exec(request.headers.get('authorization') ?? '')?.[1];
}

function refused(message: string): HttpError {
  return new HttpError(401, 'unauthorized', { message, headers: { 'www-authenticate': 'Bearer' } });
}
