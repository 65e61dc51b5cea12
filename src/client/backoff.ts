/** How long to wait before the next try: full jitter, so that many clients do not come at once. */
import type { Random } from '../core/random.ts';

const BASE_MS = 250;
const MOST_MS = 15_000;
const MOST_DOUBLINGS = 10;

/** @param failures tries in a row that have failed, at least one. */
export function backoffMs(failures: number, random: Random): number {
  const doublings = Math.min(failures - 1, MOST_DOUBLINGS);
  return random.integer(0, Math.min(MOST_MS, BASE_MS * 2 ** doublings));
}
