/**
 * After the bus may have lost events: checks in every watched room whether it missed the last ones.
 *
 * It checks a few rooms at a time, so that it does not read all items at once. When the book cannot
 * be read, it retries the remaining rooms a second later.
 */
import type { Timers } from '../../core/timer.ts';
import type { Room } from './room.ts';

const ROOMS_AT_A_TIME = 64;
const RETRY_MS = 1_000;

export type VerifierParts = { readonly timers: Timers; onError(error: unknown): void };

export function createVerifier(
  rooms: ReadonlyMap<string, Pick<Room, 'verify'>>,
  { timers, onError }: VerifierParts,
) {
  const left = new Set<string>();
  let isRunning = false;
  let stopRetry = () => {};

  async function verify(itemId: string): Promise<void> {
    left.delete(itemId);
    try {
      await rooms.get(itemId)?.verify();
    } catch (error) {
      left.add(itemId);
      throw error;
    }
  }

  async function run(): Promise<void> {
    stopRetry();
    isRunning = true;
    let failure: PromiseRejectedResult | undefined;
    while (left.size > 0 && failure === undefined) {
      const next = Array.from(left.values().take(ROOMS_AT_A_TIME));
      const answers = await Promise.allSettled(next.map(verify));
      failure = answers.find((answer) => answer.status === 'rejected');
    }
    isRunning = false;
    if (failure === undefined) return;
    onError(failure.reason);
    stopRetry = timers.after(RETRY_MS, () => void run());
  }

  return {
    verifyAll(): void {
      for (const itemId of rooms.keys()) left.add(itemId);
      if (!isRunning) void run();
    },
    end(): void {
      left.clear();
      stopRetry();
    },
  };
}
