/** Finite numbers in fixed places; finds the first low enough one from a place on, in log n. */
export type LeastTree = {
  /** `bound` may be infinite. */
  firstAtMost(bound: number, from: number): number | undefined;
  remove(place: number): void;
};

export function createLeastTree(values: readonly number[]): LeastTree {
  let size = 1;
  while (size < values.length) size *= 2;
  // Node n is the parent of 2n and 2n + 1 and holds the lesser; the leaves start at `size`.
  const least = new Float64Array(2 * size).fill(Number.POSITIVE_INFINITY);
  const leastAt = (node: number) => least[node] ?? Number.POSITIVE_INFINITY;
  least.set(values, size);
  for (let node = size - 1; node > 0; node--) update(node);

  function update(node: number): void {
    least[node] = Math.min(leastAt(2 * node), leastAt(2 * node + 1));
  }

  function remove(place: number): void {
    least[size + place] = Number.POSITIVE_INFINITY;
    for (let node = (size + place) >>> 1; node > 0; node >>>= 1) update(node);
  }

  function firstAtMost(anyBound: number, from: number): number | undefined {
    // A removed place holds infinity, which no bound may reach.
    const bound = Math.min(anyBound, Number.MAX_VALUE);
    if (from >= values.length) return undefined;
    let node = size + from;
    while (leastAt(node) > bound) {
      while (node % 2 === 1) node >>>= 1;
      if (node === 0) return undefined;
      node++;
    }
    while (node < size) node = leastAt(2 * node) <= bound ? 2 * node : 2 * node + 1;
    return node - size;
  }

  return { firstAtMost, remove };
}
