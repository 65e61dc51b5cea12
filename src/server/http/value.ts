/** Values that may be absent, as answers show them. */
import { timestamp } from '../../core/clock.ts';
import { decimalFromMicros, type Micros } from '../../core/money.ts';

export function decimalOrNull(value: Micros | null): number | null {
  return value === null ? null : decimalFromMicros(value);
}

export function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : timestamp(atMs);
}
