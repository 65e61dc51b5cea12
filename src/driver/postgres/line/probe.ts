/** Asks a pool every second whether PostgreSQL answers: health is told without waiting for it. */
import type { Pool } from 'pg';

const EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;
/** Two in a row: one alone may be late because this process was busy. */
const SILENT_PROBES = 2;
/** `query_timeout` is missing from the types of `pg`. */
const PROBE = { text: 'select 1', query_timeout: TIMEOUT_MS };

export type Probe = {
  /** What the last probe found; false before the first. */
  isUp(): boolean;
  stop(): void;
};

/** @param onSilence is told with each probe that is not answered, after the first in a row */
export function startProbe(pool: Pool, onSilence: () => void): Probe {
  let unanswered = 0;
  let isUp = false;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    const answered = await isAnswered(pool);
    if (isStopped) return;
    isUp = answered;
    unanswered = answered ? 0 : unanswered + 1;
    if (unanswered >= SILENT_PROBES) onSilence();
    timer = setTimeout(ask, EVERY_MS);
  }

  void ask();
  return {
    isUp: () => isUp,
    stop: () => {
      isStopped = true;
      isUp = false;
      clearTimeout(timer);
    },
  };
}

async function isAnswered(pool: Pool): Promise<boolean> {
  const client = await pool.connect().catch(() => undefined);
  if (client === undefined) return false;
  const ignore = () => undefined;
  client.on('error', ignore);
  const failure = await client.query(PROBE).then(
    () => undefined,
    (error: Error) => error,
  );
  client.off('error', ignore);
  client.release(failure);
  return failure === undefined;
}
