/**
 * Which variables of an environment look like settings that were meant.
 *
 * The environment belongs to others too, so only a slip of the pen counts: one edit per eight
 * characters of the setting, two at most. `REDIS_ADR` is found; `REDIS_POOL`, `POSTGRES_SSL` and all
 * that is near a name as short as `SEED` is somebody else's.
 */

/** A variable of the environment, and the setting that it looks like. */
export type Misspelt = { readonly variable: string; readonly meant: string };

const EDITS_MAX = 2;
const CHARACTERS_PER_EDIT = 8;

/** The variables that are no settings and look like one, in their order. */
export function findMisspelt(
  variables: readonly string[],
  settings: readonly string[],
): readonly Misspelt[] {
  return variables
    .filter((variable) => !settings.includes(variable))
    .map((variable) => ({ variable, meant: nearestTo(variable, settings) }))
    .filter((pair): pair is Misspelt => pair.meant !== undefined);
}

function nearestTo(variable: string, settings: readonly string[]): string | undefined {
  return settings
    .map((name) => ({ name, edits: editDistance(variable, name, editsAllowed(name)) }))
    .filter(({ edits }) => edits < Number.POSITIVE_INFINITY)
    .toSorted((one, other) => one.edits - other.edits)
    .at(0)?.name;
}

function editsAllowed(name: string): number {
  return Math.min(EDITS_MAX, Math.floor(name.length / CHARACTERS_PER_EDIT));
}

/**
 * The Damerau-Levenshtein distance of optimal string alignment: characters to add, drop, replace or
 * swap with their neighbour, each once, until the texts are equal. Infinite when that takes more than
 * `most`, to whose power of 4 the work grows.
 */
export function editDistance(one: string, other: string, most: number): number {
  if (one === other) return 0;
  if (most === 0) return Number.POSITIVE_INFINITY;
  const at = sameCharacters(one, other);
  const [left, right] = [one.slice(at), other.slice(at)];
  const rests: (readonly [string, string])[] = [
    [left.slice(1), right.slice(1)],
    [left.slice(1), right],
    [left, right.slice(1)],
  ];
  if (left[0] === right[1] && left[1] === right[0]) rests.push([left.slice(2), right.slice(2)]);
  return 1 + Math.min(...rests.map(([a, b]) => editDistance(a, b, most - 1)));
}

/** How many characters two texts have in common at their start. */
function sameCharacters(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}
