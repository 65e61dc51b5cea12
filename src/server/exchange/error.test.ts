import { expect, test } from 'bun:test';
import { StatsUnavailableError } from '../../exchange/port/stats.ts';
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import { exchangeError } from './error.ts';

test.each([
  [new StatsUnavailableError('secret'), 'stats_unavailable'],
  [new ArchiveUnavailableError('secret'), 'archive_unavailable'],
] as const)('%s is answered as %s, with the advice to come again', (error, code) => {
  const answer = exchangeError(error);
  expect(answer).toMatchObject({ status: 503, code, headers: { 'retry-after': '1' } });
  expect(answer?.message).not.toContain('secret');
});

test('another error is a fault of the program', () => {
  expect(exchangeError(new Error('a fault'))).toBeUndefined();
  expect(exchangeError('a fault')).toBeUndefined();
});
