/** A page of an item's history: what the archive has of so many seqs, and which of them it has not. */
import type { ItemEvent } from './rule/item.ts';

export type HistoryPageShown = {
  readonly events: readonly ItemEvent[];
  /** Seqs of this page that were decided and are not in the archive, rising. */
  readonly missing: readonly number[];
  /** What the next page comes after; null at the end. */
  readonly nextAfterSeq: number | null;
};

export type HistorySpan = {
  readonly afterSeq: number;
  readonly limit: number;
  /** The newest seq of the history, as far as the book tells. */
  readonly headSeq: number;
};

/** @param found at most `limit` events after `afterSeq` by rising seq, with the holes that there are. */
export function historyPage(
  found: readonly ItemEvent[],
  { afterSeq, limit, headSeq }: HistorySpan,
): HistoryPageShown {
  const endSeq = afterSeq + limit;
  const events = found.filter(({ seq }) => seq <= endSeq);
  const newestSeq = Math.max(headSeq, found.at(-1)?.seq ?? 0);
  const missing = seqsWithout(events, { afterSeq, upToSeq: Math.min(endSeq, newestSeq) });
  return { events, missing, nextAfterSeq: newestSeq < endSeq ? null : endSeq };
}

function seqsWithout(
  events: readonly ItemEvent[],
  { afterSeq, upToSeq }: { readonly afterSeq: number; readonly upToSeq: number },
): number[] {
  const there = new Set(events.map(({ seq }) => seq));
  const missing: number[] = [];
  for (let seq = afterSeq + 1; seq <= upToSeq; seq++) if (!there.has(seq)) missing.push(seq);
  return missing;
}
