/**
 * The number of dead letters, cached: callers never wait for a server that hangs.
 *
 * It is refreshed at most once per second, in the background, and only when a caller reads it. A
 * caller waits, briefly, only before the first number is known.
 */
import type { Timers } from '../../../core/timer.ts';
import type { NatsTime } from '../line/connection.ts';
import { NatsSettingError } from './setting.ts';

const ASK_EVERY_MS = 1_000;
const FIRST_WAIT_MS = 200;

export type LetterCountParts = NatsTime & {
  readonly ask: () => Promise<number>;
  /** Called with a wrong setting, once until the next answer: other failures are transient. */
  readonly onError: (error: unknown) => void;
};

/** @returns the last known number, zero before there is one */
export function createLetterCount(parts: LetterCountParts): () => Promise<number> {
  const { ask, clock, timers, onError } = parts;
  let known: number | null = null;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let isReported = false;

  async function refresh(): Promise<void> {
    try {
      known = await ask();
      isReported = false;
    } catch (error) {
      if (error instanceof NatsSettingError && !isReported) {
        onError(error);
        isReported = true;
      }
    }
    asking = null;
  }

  return async () => {
    if (asking === null && clock.elapsedMs() - askedAtMs >= ASK_EVERY_MS) {
      askedAtMs = clock.elapsedMs();
      asking = refresh();
    }
    if (known === null && asking !== null) await shortly(asking, timers);
    return known ?? 0;
  };
}

async function shortly(awaited: Promise<void>, timers: Timers): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const callOff = timers.after(FIRST_WAIT_MS, resolve);
  await Promise.race([awaited, promise]);
  callOff();
}
