/** A late bid moves the end, so that nobody wins by being the last to press. */
import type { ItemState } from './item.ts';

/** The end after a bid at `nowMs`: never earlier than before, never moved past the absolute end. */
export function endAfterBid(
  item: Pick<ItemState, 'policy' | 'endsAtMs'>,
  nowMs: number,
): number | null {
  const { endsAtMs } = item;
  const { softClose } = item.policy;
  if (endsAtMs === null || softClose === null) return endsAtMs;
  if (endsAtMs - nowMs > softClose.windowMs) return endsAtMs;
  const latestMs = softClose.absoluteEndMs ?? Number.POSITIVE_INFINITY;
  return Math.max(endsAtMs, Math.min(nowMs + softClose.extendMs, latestMs));
}
