/**
 * Reports an outage once, with its first reason; again only after it was over in between.
 *
 * It passes on only the message: an error of ioredis contains the command that was sent, which may
 * hold the password or a bidder's secret.
 */
import { RedisDownError } from './redis-error.ts';

export type Outage = {
  report(reason: unknown): void;
  end(): void;
};

export function createOutage(onError: (error: unknown) => void): Outage {
  let isTold = false;
  return {
    report: (reason) => {
      if (isTold) return;
      isTold = true;
      onError(new RedisDownError(`Redis is away: ${wordsOf(reason)}`));
    },
    end: () => {
      isTold = false;
    },
  };
}

function wordsOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const code = 'code' in reason ? String(reason.code) : '';
  return reason.message.includes(code) ? reason.message : `${code} ${reason.message}`;
}
