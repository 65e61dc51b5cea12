/**
 * The keys of the statistics. All keys of one script call are in one slot of a cluster: a supply
 * with the numbers of its calls, and the totals with theirs.
 */
export type StatsKeys = {
  supply(supplyId: string): string;
  /** The number of the node's last call that was added to the supply. */
  supplyCall(supplyId: string): string;
  /** Supply ids in the order of their first auction. */
  readonly supplies: string;
  /** The keys of `count-totals.lua` and `read-totals.lua`. */
  readonly totals: readonly string[];
  /** The number of the node's last call that was added to the totals. */
  readonly totalsCall: string;
};

/** @param node the name of this process, different at each start */
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
