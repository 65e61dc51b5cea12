/** Asks a pool every second whether PostgreSQL answers: health is told without waiting for it. */
import type { Pool } from 'pg';

const EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;
/** `query_timeout` is missing from the types of `pg`. */
const PROBE = { text: 'select 1', query_timeout: TIMEOUT_MS };

export type Probe = {
  /** What the last probe found; false before the first. */
  isUp(): boolean;
  stop(): Promise<void>;
};

export function startProbe(pool: Pool): Probe {
  let isUp = false;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = ask();

  async function ask(): Promise<void> {
    isUp = await isAnswered(pool);
    if (isStopped) return;
    timer = setTimeout(() => {
      asked = ask();
    }, EVERY_MS);
  }

  return {
    isUp: () => isUp,
    stop: () => {
      isStopped = true;
      isUp = false;
      clearTimeout(timer);
      return asked;
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
