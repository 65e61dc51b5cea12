/** Which parts of a whole fail at the moment: each speaks for itself, so that none hides another. */
export type WorkingPart = {
  failed(): void;
  /** It has succeeded, or is no part any more. */
  works(): void;
};

export type Working = {
  isWorking(): boolean;
  part(): WorkingPart;
};

export function createWorking(): Working {
  const failing = new Set<WorkingPart>();
  return {
    isWorking: () => failing.size === 0,
    part() {
      const part = { failed: () => void failing.add(part), works: () => void failing.delete(part) };
      return part;
    },
  };
}
