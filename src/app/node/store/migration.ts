/** Brings the tables of a shared store to the newest revision, as soon as the store can be reached. */
import type { NodeParts } from '../parts.ts';
import { openMigrator } from './store.ts';

const RETRY_MS = 1_000;

/** @returns a function that gives it up. */
export function startMigration({ config, log }: NodeParts): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isGivenUp = false;

  async function migrate(): Promise<void> {
    await using migrator = await openMigrator(config);
    await migrator.up();
  }

  function tryIt(): void {
    migrate().catch((err: unknown) => {
      log.error({ err }, 'the tables of the archive cannot be made yet; trying again');
      if (!isGivenUp) timer = setTimeout(tryIt, RETRY_MS);
    });
  }

  tryIt();
  return () => {
    isGivenUp = true;
    clearTimeout(timer);
  };
}
