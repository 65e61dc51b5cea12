/** The errors of the ports of live auctions as they are answered. */
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import { archiveUnavailable, type HttpError, unavailable } from '../http/http-error.ts';

/** @returns undefined for what is no error of live auctions. */
export function liveError(error: unknown): HttpError | undefined {
  if (error instanceof ArchiveUnavailableError) return archiveUnavailable();
  if (!(error instanceof NotDecidedError)) return undefined;
  const message = 'This could not be decided; try again with the same idempotency key.';
  return unavailable('not_decided', message);
}
