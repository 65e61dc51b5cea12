/** Binary search, which keeps every look-up of the checker at log n. */

/** The first index whose `key` is above `bound`; `length` when none is. Keys must not decrease. */
export function indexAbove<T>(
  items: readonly T[],
  bound: number,
  key: (item: T) => number,
): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && key(item) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last item whose `key` is at most `bound`. */
export function lastUpTo<T>(
  items: readonly T[],
  bound: number,
  key: (item: T) => number,
): T | undefined {
  return items[indexAbove(items, bound, key) - 1];
}
