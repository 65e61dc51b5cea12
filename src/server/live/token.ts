/** A bearer token: what it has to be, and whom it proves. */
import { type JWTVerifyResult, jwtVerify } from 'jose';
import { isUserId } from '../../core/id.ts';
import { HttpError } from '../http/http-error.ts';
import { KeySetAwayError, KeySetFault, type TokenKey } from './token-key.ts';

export type TokenRule = {
  readonly key: TokenKey;
  readonly audience: string;
  readonly issuer: string;
  /** By how much the clock of the issuer may be off. */
  readonly leewaySeconds: number;
};

/** Whom a token proves, and until when that may be remembered. */
export type Proof = { readonly subject: string; readonly untilMs: number };

const REMEMBERED_MS = 60_000;
const MS_PER_SECOND = 1000;
/** RFC 7519, 5.1 and RFC 9068, 2.1; a token of another type was made for another use. */
const TYPE = /^(?:application\/)?(?:jwt|at\+jwt)$/i;

/** @throws HttpError 401, or 503 when the keys cannot be had */
export async function verifyToken(token: string, rule: TokenRule, nowMs: number): Promise<Proof> {
  const { key, audience, issuer, leewaySeconds } = rule;
  const verified = await jwtVerify(token, key.find, {
    algorithms: [...key.algorithms],
    audience,
    issuer,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: leewaySeconds,
    currentDate: new Date(nowMs),
  }).catch(refuse);
  const { sub: subject, exp = 0 } = verified.payload;
  const isGood =
    hasRightType(verified) && isOfThePast(verified, nowMs / MS_PER_SECOND + leewaySeconds);
  if (!isGood || !isUserId(subject)) throw invalidToken();
  const expiresMs = (exp + leewaySeconds) * MS_PER_SECOND;
  return { subject, untilMs: Math.min(nowMs + REMEMBERED_MS, expiresMs) };
}

function refuse(error: unknown): never {
  // Nothing is wrong with the token then, as far as anybody knows.
  const isKeyless = error instanceof KeySetAwayError || error instanceof KeySetFault;
  if (!isKeyless) throw invalidToken();
  const message = 'Tokens cannot be verified at present; try again.';
  throw new HttpError(503, 'not_decided', { message });
}

function hasRightType({ protectedHeader }: JWTVerifyResult): boolean {
  const typ: unknown = protectedHeader.typ;
  return typ === undefined || (typeof typ === 'string' && TYPE.test(typ));
}

function isOfThePast({ payload }: JWTVerifyResult, latestSeconds: number): boolean {
  return payload.iat === undefined || payload.iat <= latestSeconds;
}

function invalidToken(): HttpError {
  return unauthorized('a valid token', 'error="invalid_token"');
}

export function unauthorized(wanted: string, detail?: string): HttpError {
  const challenge = detail === undefined ? 'Bearer' : `Bearer ${detail}`;
  return new HttpError(401, 'unauthorized', {
    message: `The header Authorization must hold ${wanted}.`,
    headers: { 'www-authenticate': challenge },
  });
}
