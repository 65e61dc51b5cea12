/** Telling a fault of the file or its disk from one of the program: only the first may pass by itself. */
import { SQLiteError } from 'bun:sqlite';

const FAULT =
  /^SQLITE_(?:IOERR|FULL|CORRUPT|NOTADB|CANTOPEN|READONLY|BUSY|LOCKED|NOMEM|PROTOCOL)(?:_|$)/;

/** Runs it; a fault of the file or its disk comes as the error that `tell` makes of it. */
export function tellingFaults<Result>(run: () => Result, tell: (cause: unknown) => Error): Result {
  try {
    return run();
  } catch (error) {
    throw error instanceof SQLiteError && FAULT.test(error.code ?? '') ? tell(error) : error;
  }
}
