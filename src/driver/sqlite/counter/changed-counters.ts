/** Counters of one kind that changed since they were written, the oldest change first. */

const LEAST_PER_COMMIT = 16;

/** What one commit wrote. */
export type WrittenCounters = {
  readonly count: number;
  /** The position of the oldest change that it left; infinite when it left none. */
  readonly oldestLeft: number;
};

export type ChangedCounters = {
  note(id: string, position: number): void;
  isEmpty(): boolean;
  /**
   * Writes the oldest, inside a transaction: they stay changed until they are forgotten.
   * @param part of all that waited since none did; 1 or more is all of them.
   */
  write(part: number): WrittenCounters;
  /** The commit that wrote them has held. */
  forget(written: WrittenCounters): void;
};

export function createChangedCounters(writeRow: (id: string) => void): ChangedCounters {
  /** Ids with the position of the first change that is not written. */
  const positions = new Map<string, number>();
  /** The most that waited since none did: the pace of writing, so that none waits longer. */
  let peak = 0;

  function countOf(part: number): number {
    peak = Math.max(peak, positions.size);
    if (part >= 1) return positions.size;
    return Math.min(positions.size, Math.max(LEAST_PER_COMMIT, Math.ceil(peak * part)));
  }

  return {
    note: (id, position) => {
      if (!positions.has(id)) positions.set(id, position);
    },
    isEmpty: () => positions.size === 0,
    write(part) {
      const most = countOf(part);
      let count = 0;
      for (const [id, position] of positions) {
        if (count === most) return { count, oldestLeft: position };
        writeRow(id);
        count++;
      }
      return { count, oldestLeft: Number.POSITIVE_INFINITY };
    },
    forget({ count }) {
      let left = count;
      for (const id of positions.keys()) {
        if (left-- === 0) break;
        positions.delete(id);
      }
      if (positions.size === 0) peak = 0;
    },
  };
}
