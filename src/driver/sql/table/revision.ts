/**
 * The history of the tables as it is, and the steps along it: pure, so that they can be chosen where
 * the lock of a migration is held.
 */

/** The revision before the first: no tables at all. */
export const BASE_REVISION = 'base';
/** The newest revision that this version of Gavel has. */
export const HEAD_REVISION = 'head';

export type Revision = {
  readonly name: string;
  readonly appliedAt: Date | undefined;
  /** False for one that is applied and has no file here: what made it is newer, or the file is lost. */
  readonly isKnown: boolean;
};

export type MigrationStep = { readonly name: string; readonly direction: 'up' | 'down' };

/** The next so many, the newest so many, or a revision by its whole name, `base` or `head`. */
export type Target = { readonly up: number } | { readonly down: number } | { readonly to: string };

export type RevisionSearch =
  | { readonly ok: true; readonly revision: string }
  | { readonly ok: false; readonly fault: string };

/** The tables are not those of any revision that this version of Gavel could walk from. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

export function historyOf(
  files: readonly string[],
  applied: ReadonlyMap<string, Date>,
): Revision[] {
  const names = new Set([...files, ...applied.keys()]);
  return [...names].toSorted().map((name) => ({
    name,
    appliedAt: applied.get(name),
    isKnown: files.includes(name),
  }));
}

export function currentOf(history: readonly Revision[]): string {
  return history.findLast(isApplied)?.name ?? BASE_REVISION;
}

/** The steps from where the tables are. @throws HistoryError */
export function chooseSteps(history: readonly Revision[], target: Target): MigrationStep[] {
  demandWhole(history);
  const applied = history.filter(isApplied).map(({ name }) => name);
  const pending = history.filter((revision) => !isApplied(revision)).map(({ name }) => name);
  const up = (count: number) => stepsOf(pending.slice(0, count), 'up');
  const down = (count: number) => stepsOf(applied.toReversed().slice(0, count), 'down');
  if ('up' in target) return up(target.up);
  if ('down' in target) return down(target.down);
  if (target.to === HEAD_REVISION) return up(pending.length);
  if (target.to === BASE_REVISION) return down(applied.length);
  if (pending.includes(target.to)) return up(pending.indexOf(target.to) + 1);
  const place = applied.indexOf(target.to);
  if (place === -1) throw new HistoryError(`there is no revision "${target.to}"`);
  return down(applied.length - place - 1);
}

export function findRevision(history: readonly Revision[], wanted: string): RevisionSearch {
  const names = [BASE_REVISION, HEAD_REVISION, ...history.map(({ name }) => name)];
  if (names.includes(wanted)) return { ok: true, revision: wanted };
  const [revision, ...others] = names.filter((name) => name.startsWith(wanted));
  if (revision === undefined) return { ok: false, fault: `there is no revision "${wanted}"` };
  if (others.length > 0) return { ok: false, fault: `several revisions begin with "${wanted}"` };
  return { ok: true, revision };
}

function isApplied({ appliedAt }: Revision): boolean {
  return appliedAt !== undefined;
}

function stepsOf(names: readonly string[], direction: 'up' | 'down'): MigrationStep[] {
  return names.map((name) => ({ name, direction }));
}

/** @throws HistoryError when one that is applied has no file, or one before it is not applied */
function demandWhole(history: readonly Revision[]): void {
  const newestKnown = history.findLast(({ isKnown }) => isKnown)?.name ?? BASE_REVISION;
  const [unknown] = history.filter(({ isKnown }) => !isKnown);
  if (unknown !== undefined && unknown.name > newestKnown) {
    throw new HistoryError(
      `the tables are at revision ${currentOf(history)}, which this version of Gavel does not ` +
        `have: its newest is ${newestKnown}`,
    );
  }
  if (unknown !== undefined) {
    throw new HistoryError(`migration ${unknown.name} is applied, and its file is missing`);
  }
  const current = currentOf(history);
  const late = history.find((revision) => !isApplied(revision) && revision.name < current);
  if (late === undefined || current === BASE_REVISION) return;
  throw new HistoryError(
    `migration ${late.name} is not applied, and ${current} after it is: give it a later date`,
  );
}
