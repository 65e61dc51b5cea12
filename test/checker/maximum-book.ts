/** The highest possible secret maximum of each user at a time: refused commands set none. */
import type { Command } from './command.ts';
import { lastUpTo } from './sorted.ts';

export type MaximumBook = {
  /** The highest that any call begun by then may have set; zero when there was none. */
  highestBy(userId: string, ms: number): number;
};

type Mark = { readonly invokedMs: number; readonly highestMicros: number };

const invokedMsOf = ({ invokedMs }: Mark): number => invokedMs;

export function createMaximumBook(commands: readonly Command[]): MaximumBook {
  const byUser = new Map<string, Mark[]>();
  for (const { first, decision, invokedMs } of commands.toSorted(
    (left, right) => left.invokedMs - right.invokedMs,
  )) {
    if (decision?.kind === 'refused') continue;
    const marks = byUser.get(first.userId) ?? [];
    byUser.set(first.userId, marks);
    const setMicros = Math.max(first.maxMicros ?? 0, first.amountMicros ?? 0);
    const highestMicros = Math.max(marks.at(-1)?.highestMicros ?? 0, setMicros);
    marks.push({ invokedMs, highestMicros });
  }
  return {
    highestBy: (userId, ms) =>
      lastUpTo(byUser.get(userId) ?? [], ms, invokedMsOf)?.highestMicros ?? 0,
  };
}
