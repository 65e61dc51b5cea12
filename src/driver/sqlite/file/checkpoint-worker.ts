/**
 * The thread of `checkpointer.ts`. Told a path it checkpoints that database for good, told to stop it
 * closes the database and answers. A checkpoint that fails (locked, disk full) is made the next time.
 */
import { Database } from 'bun:sqlite';
import { every, systemTimers } from '../../../core/timer.ts';
import type { CheckpointOrder } from './checkpointer.ts';

declare const self: Worker;

const EVERY_MS = 200;
/** 8 MB: a log that is begun anew is overwritten in place, which commits 8 % faster than a growing one. */
const RESTART_ABOVE_PAGES = 2_048;

type Outcome = { busy: number; log: number; checkpointed: number };

let stop = () => {};

self.onmessage = ({ data }: MessageEvent<CheckpointOrder>) => {
  if (data.kind === 'start') stop = start(data.path);
  else {
    stop();
    self.postMessage('stopped');
  }
};

function start(path: string): () => void {
  const database = new Database(path);
  database.run('PRAGMA busy_timeout = 1000');
  const passive = database.query<Outcome, []>('PRAGMA wal_checkpoint(PASSIVE)');
  const restart = database.query<Outcome, []>('PRAGMA wal_checkpoint(RESTART)');
  // An entry point of its own: the thread's timers are the engine's.
  const end = every(systemTimers, EVERY_MS, () => {
    try {
      const outcome = passive.get();
      if (outcome !== null && outcome.log > RESTART_ABOVE_PAGES) restart.get();
    } catch {
      // Until one holds, what was committed is safe in the log.
    }
  });
  return () => {
    end();
    database.close();
  };
}
