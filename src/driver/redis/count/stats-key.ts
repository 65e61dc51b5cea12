/**
 * The keys of the statistics. What one script call touches lies in one slot of a cluster: a supply
 * with what is remembered of its calls, and the totals with theirs.
 */
export type StatsKeys = {
  supply(supplyId: string): string;
  /** The number of the node's last call that was added to the supply. */
  supplyCall(supplyId: string): string;
  /** Supply ids in the order of their first auction. */
  readonly supplies: string;
  /** What `count-totals.lua` and `read-totals.lua` take. */
  readonly totals: readonly string[];
  /** The number of the node's last call that was added to the totals. */
  readonly totalsCall: string;
};

/** @param node the name of this process, another at each start */
export function statsKeys(prefix: string, node: string): StatsKeys {
  const totals = (name: string) => `${prefix}{stats}:${name}`;
  const supply = (supplyId: string) => `${prefix}stats:{${supplyId}}`;
  const supplies = totals('supplies');
  return {
    supply,
    supplyCall: (supplyId) => `${supply(supplyId)}:call:${node}`,
    supplies,
    totals: [
      totals('totals'),
      supplies,
      totals('earned'),
      totals('requests'),
      totals('spent'),
      totals('wins'),
    ],
    totalsCall: totals(`call:${node}`),
  };
}
