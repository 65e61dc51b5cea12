/** The errors of the exchange's ports as they are answered. */
import { StatsUnavailableError } from '../../exchange/port/stats.ts';
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import { archiveUnavailable, type HttpError, unavailable } from '../http/http-error.ts';

/** @returns undefined for what is no error of the exchange. */
export function exchangeError(error: unknown): HttpError | undefined {
  if (error instanceof ArchiveUnavailableError) return archiveUnavailable();
  if (!(error instanceof StatsUnavailableError)) return undefined;
  const message = 'The counters cannot be read now; auctions go on and are counted when they can.';
  return unavailable('stats_unavailable', message);
}
