/** The log: JSON lines for machines, coloured lines on a terminal; never a secret, never a body. */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { type Config, misspeltNote } from '../setting/config.ts';

export function createLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): Logger {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
  const options = { level: logLevel, base: null };
  return isPretty ? pino(options, pretty({ sync: true })) : pino(options);
}

/** Warns of variables that look like misspelt settings, which are in force without them. */
export function warnOfMisspelt(log: Logger): void {
  const note = misspeltNote();
  if (note !== null) log.warn(note);
}
