/** Brings the tables of a shared store to the newest revision, as soon as the store can be reached. */
import { startRetry } from '../../../core/retry.ts';
import type { NodeParts } from '../parts.ts';
import { openMigrator } from './catalog-store.ts';

/** @returns a function that gives it up. */
export function startMigration({ config, timers, log }: NodeParts): () => void {
  return startRetry({
    timers,
    attempt: async () => {
      await using migrator = await openMigrator(config);
      await migrator.up();
    },
    onError: (err) =>
      log.error({ err }, 'the tables of the archive cannot be made yet; trying again'),
  }).giveUp;
}
