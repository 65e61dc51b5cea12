/** Probes PostgreSQL over a pool every second, so that health checks need not wait for it. */
import type { Pool } from 'pg';
import type { Timers } from '../../../core/timer.ts';

const EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;
/** Two in a row: one alone may be late because this process was busy. */
const SILENT_PROBES = 2;
/** `query_timeout` is missing from the types of `pg`. */
const PROBE = { text: 'select 1', query_timeout: TIMEOUT_MS };

export type Probe = {
  /** The result of the last probe; false before the first. */
  isUp(): boolean;
  stop(): void;
};

export type ProbeParts = {
  readonly timers: Timers;
  /** Whether PostgreSQL answers; never rejects. */
  readonly ask: () => Promise<boolean>;
  /** Called for each unanswered probe after the first in a row. */
  readonly onSilence: () => void;
};

export function startProbe({ timers, ask, onSilence }: ProbeParts): Probe {
  let unanswered = 0;
  let isUp = false;
  let isStopped = false;
  let callOff = () => {};

  async function probe(): Promise<void> {
    const answered = await ask();
    if (isStopped) return;
    isUp = answered;
    unanswered = answered ? 0 : unanswered + 1;
    if (unanswered >= SILENT_PROBES) onSilence();
    callOff = timers.after(EVERY_MS, () => void probe());
  }

  void probe();
  return {
    isUp: () => isUp,
    stop: () => {
      isStopped = true;
      isUp = false;
      callOff();
    },
  };
}

/** Whether a connection of the pool, or a new one, answers in time. */
export async function isAnswered(pool: Pool): Promise<boolean> {
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
