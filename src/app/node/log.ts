/** The log: JSON lines for machines, coloured lines on a terminal; never a secret, never a body. */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../setting/config.ts';

export function createLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): Logger {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
  const options = { level: logLevel, base: null };
  return isPretty ? pino(options, pretty({ sync: true })) : pino(options);
}
