/**
 * One moment by which an auction must be answered, handed down instead of raw milliseconds.
 *
 * Whoever receives it knows how much is left and is told, by `signal`, when it has passed or when
 * the client has hung up. It owns no timer: the fan-out that waits sets one.
 */
import type { Clock } from './clock.ts';

export type Deadline = {
  readonly tmaxMs: number;
  /** Milliseconds since the deadline was set. */
  elapsedMs(): number;
  /** Milliseconds left; zero or below when it has passed. */
  remainingMs(): number;
  /** A signal that aborts when the client hangs up, so that what is under way can stop. */
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
