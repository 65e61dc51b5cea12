/**
 * The moment by which an auction must answer, passed down instead of raw milliseconds.
 *
 * It knows how much time is left, and `signal` aborts when the client hangs up. It owns no timer:
 * the fan-out that waits sets one.
 */
import type { Clock } from './clock.ts';

export type Deadline = {
  readonly tmaxMs: number;
  /** Milliseconds since the deadline was set. */
  elapsedMs(): number;
  /** Milliseconds left; zero or negative once it has passed. */
  remainingMs(): number;
  /** Aborts when the client hangs up, so that calls under way can stop. */
  hangUp(): AbortSignal | undefined;
};

export function createDeadline(
  clock: Clock,
  tmaxMs: number,
  hangUp: () => AbortSignal | undefined = () => undefined,
): Deadline {
  const startedMs = clock.elapsedMs();
  const elapsedMs = () => clock.elapsedMs() - startedMs;
  return { tmaxMs, elapsedMs, remainingMs: () => tmaxMs - elapsedMs(), hangUp };
}
