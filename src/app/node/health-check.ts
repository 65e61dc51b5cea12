/** A part of a node's health that has to be asked: seldom, and without waiting long. */
import type { Clock } from '../../core/clock.ts';
import { sleep, type Timers } from '../../core/timer.ts';

/** Health may be asked by anybody, as often as they like. */
const ASK_EVERY_MS = 500;
const ANSWER_WITHIN_MS = 1_000;

export type HealthCheckParts = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Rejects or resolves with false when the part does not do what it is there for. */
  readonly ask: () => Promise<boolean>;
};

async function asked(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch {
    return false;
  }
}

/** @returns what tells whether the part is well, by an answer that is at most half a second old. */
export function createHealthCheck({
  clock,
  timers,
  ask,
}: HealthCheckParts): () => Promise<boolean> {
  let answer: Promise<boolean> = Promise.resolve(true);
  let askedAtMs = Number.NEGATIVE_INFINITY;

  async function askInTime(): Promise<boolean> {
    const late = sleep(timers, ANSWER_WITHIN_MS).then(() => false);
    return Promise.race([asked(ask), late]);
  }

  return () => {
    if (clock.elapsedMs() - askedAtMs >= ASK_EVERY_MS) {
      askedAtMs = clock.elapsedMs();
      answer = askInTime();
    }
    return answer;
  };
}
