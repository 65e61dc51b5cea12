/**
 * The number of dead letters, from memory: whoever asks is not kept waiting by a server that hangs.
 *
 * It is asked for at most once a second, in the background, and only when somebody wants to know. Only
 * while no number has come yet is one waited for, shortly.
 */
import { NatsSettingError } from './setting.ts';

const ASK_EVERY_MS = 1_000;
const FIRST_WAIT_MS = 200;

export type LetterCountParts = {
  readonly ask: () => Promise<number>;
  /** Told of a wrong setting, once until the next answer: other failures pass. */
  readonly onError: (error: unknown) => void;
};

/** @returns the last known number, zero before there is one */
export function createLetterCount({ ask, onError }: LetterCountParts): () => Promise<number> {
  let known: number | null = null;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let isTold = false;

  async function refresh(): Promise<void> {
    try {
      known = await ask();
      isTold = false;
    } catch (error) {
      if (error instanceof NatsSettingError && !isTold) {
        onError(error);
        isTold = true;
      }
    }
    asking = null;
  }

  return async () => {
    if (asking === null && performance.now() - askedAtMs >= ASK_EVERY_MS) {
      askedAtMs = performance.now();
      asking = refresh();
    }
    if (known === null && asking !== null) await shortly(asking);
    return known ?? 0;
  };
}

async function shortly(awaited: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FIRST_WAIT_MS);
  timer.unref();
  await Promise.race([awaited, promise]);
  clearTimeout(timer);
}
