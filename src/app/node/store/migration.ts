/** Brings the tables of a shared store to the newest revision, as soon as the store can be reached. */
import { startRetry } from '../../../core/retry.ts';
import { sleep } from '../../../core/timer.ts';
import type { NodeParts } from '../parts.ts';
import { isForeignHistory, openMigrator } from './catalog-store.ts';

/** The node does not wait longer for a store that does not answer. */
const START_MS = 2_000;

/** Done by the end of its first try, or going on behind it. @throws HistoryError for tables of another version */
export async function startMigration({ config, timers, log, owned }: NodeParts): Promise<void> {
  const retry = startRetry({
    timers,
    attempt: async () => {
      await using migrator = await openMigrator(config);
      await migrator.up();
    },
    isFinal: isForeignHistory,
    onError: (err) =>
      log.error({ err }, 'the tables of the archive cannot be made yet; trying again'),
  });
  owned.defer(retry.giveUp);
  await Promise.race([retry.tried, sleep(timers, START_MS)]);
}
