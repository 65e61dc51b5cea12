/**
 * A refusal on its way to the client: a status, a stable code, one sentence.
 *
 * Every error body of Gavel is `{"error": "snake_case_code", "message": "one sentence"}`.
 */
export type HttpErrorCode =
  | 'malformed_json'
  | 'invalid_request'
  | 'unknown_supply'
  | 'no_eligible_bidder'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'auction_not_found'
  | 'item_not_found'
  | 'item_exists'
  | 'item_ended'
  | 'bid_not_found'
  | 'bidder_not_found'
  | 'too_many_banned'
  | 'idempotency_key_reused'
  | 'too_many_idempotency_keys'
  | 'method_not_allowed'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'rate_limit_exceeded'
  | 'too_many_connections'
  | 'upgrade_required'
  | 'internal_error'
  | 'not_decided'
  | 'archive_unavailable'
  | 'no_catalogue'
  | 'no_archive'
  | 'stats_unavailable'
  | 'not_ready'
  | 'draining';

export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: HttpErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: HttpErrorCode,
    details: { message: string; headers?: Record<string, string> },
  ) {
    super(details.message);
    this.status = status;
    this.code = code;
    this.headers = details.headers ?? {};
  }
}

export function invalid(message: string): HttpError {
  return new HttpError(400, 'invalid_request', { message });
}

/** What cannot be had at present: the client is asked to come again. */
export function unavailable(code: HttpErrorCode, message: string): HttpError {
  return new HttpError(503, code, { message, headers: { 'retry-after': '1' } });
}

export function archiveUnavailable(): HttpError {
  const message = 'The archive cannot be read now; bids and auctions go on without it.';
  return unavailable('archive_unavailable', message);
}
