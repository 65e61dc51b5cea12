/** What time a script decides at: the time of Redis, unless a clock was handed in. */
import type { Clock } from '../../../core/clock.ts';

/** Empty for the time of Redis. */
export function nowArgument(clock: Clock | null): string {
  return clock === null ? '' : `${clock.nowMs()}`;
}
