/** The thread of `checkpointer.ts`: told a path once, it checkpoints that database for good. */
import { Database } from 'bun:sqlite';

declare const self: Worker;

const EVERY_MS = 200;
const RESTART_ABOVE_PAGES = 32_768;

type Outcome = { busy: number; log: number; checkpointed: number };

self.onmessage = ({ data }: MessageEvent<{ path: string }>) => {
  const database = new Database(data.path);
  database.run('PRAGMA busy_timeout = 1000');
  const passive = database.query<Outcome, []>('PRAGMA wal_checkpoint(PASSIVE)');
  const restart = database.query<Outcome, []>('PRAGMA wal_checkpoint(RESTART)');
  setInterval(() => {
    const outcome = passive.get();
    if (outcome !== null && outcome.log > RESTART_ABOVE_PAGES) restart.get();
  }, EVERY_MS);
};
