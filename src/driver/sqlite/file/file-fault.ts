/** A file that SQLite cannot take, with its name: SQLite's own words leave it out. */

export class FileFaultError extends Error {
  override readonly name = 'FileFaultError';

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot open ${path}: ${reason}`, { cause });
  }
}

/** @throws FileFaultError for whatever `use` throws */
export function withFileNamed<Result>(path: string, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw new FileFaultError(path, error);
  }
}
