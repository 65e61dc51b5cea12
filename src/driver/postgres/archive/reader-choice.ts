/** Chooses whether a read tries the primary or its replica first. */
import type { Freshness } from '../line/replica-watch.ts';

export type Reader = { isUp(): boolean };

/** @returns the servers to try, in order; never one that is known to be too far behind. */
export function readersOf<One extends Reader>(
  primary: One,
  replica: (One & { freshness(): Freshness }) | undefined,
): One[] {
  return upFirst(freshFirst(primary, replica));
}

function freshFirst<One extends Reader>(
  primary: One,
  replica: (One & { freshness(): Freshness }) | undefined,
): One[] {
  switch (replica?.freshness()) {
    case 'fresh':
      return [replica, primary];
    case 'unknown':
      return [primary, replica];
    default:
      return [primary];
  }
}

/** Moves servers that are known to be down to the end: they would only cost the caller time. */
function upFirst<One extends Reader>(readers: readonly One[]): One[] {
  return readers.toSorted((left, right) => Number(right.isUp()) - Number(left.isUp()));
}
