/** Which parts of a whole fail at the moment: tracked per part, so that none hides another. */
export type WorkingPart = {
  failed(): void;
  /** The part has succeeded, or has been removed. */
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
