/** Why an impression was not sold, in one word for who asked for the auction. */
import type { ImpResult, Reason } from './auction.ts';

export const UNSOLD_REASONS = ['no_bids', 'all_timed_out', 'below_floor', 'mixed'] as const;
export type UnsoldReason = (typeof UNSOLD_REASONS)[number];

const WORDS: Partial<Record<Reason, UnsoldReason>> = {
  no_bid: 'no_bids',
  timeout: 'all_timed_out',
  below_floor: 'below_floor',
};

/** `mixed` when its bidders ended in several ways; undefined when it was sold. */
export function unsoldReason({ winnerId, entries }: ImpResult): UnsoldReason | undefined {
  if (winnerId !== null) return undefined;
  const words = new Set(entries.map(({ reason }) => WORDS[reason] ?? 'mixed'));
  const [word = 'no_bids'] = words;
  return words.size > 1 ? 'mixed' : word;
}
