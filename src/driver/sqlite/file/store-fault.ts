/**
 * Telling a fault of the file or its disk from one of the program: only the first may pass by itself. A
 * table that is gone is one of the file, which was opened with all of them.
 */
import { SQLiteError } from 'bun:sqlite';

const FAULT =
  /^SQLITE_(?:IOERR|FULL|CORRUPT|NOTADB|CANTOPEN|READONLY|BUSY|LOCKED|NOMEM|PROTOCOL)(?:_|$)/;

/** Runs it; a fault of the file or its disk comes as the error that `tell` makes of it. */
export function tellingFaults<Result>(run: () => Result, tell: (cause: unknown) => Error): Result {
  try {
    return run();
  } catch (error) {
    throw isFault(error) ? tell(error) : error;
  }
}

function isFault(error: unknown): boolean {
  if (!(error instanceof SQLiteError)) return false;
  return FAULT.test(error.code ?? '') || error.message.startsWith('no such table');
}
