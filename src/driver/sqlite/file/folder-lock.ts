/**
 * One owner per data folder: two processes that write to the same files would each acknowledge what the
 * other overwrites.
 *
 * The lock is SQLite's write lock on an empty file of the folder, which the kernel drops with its
 * process, however that ends. Who holds it is in a file beside it, for people. Not promised: a lock on a
 * file system without POSIX locks, or between machines that mount the same folder.
 */
import { Database, SQLiteError } from 'bun:sqlite';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivate } from './private-file.ts';

export class FolderHeldError extends Error {
  override readonly name = 'FolderHeldError';
}

export type FolderLock = Disposable & {
  /** Tells others who holds it, such as `process 71 on 127.0.0.1:8080, since 12:00`. */
  nameHolder(holder: string): void;
};

/** Long enough for one that looks whether it is held, too short for one that holds it. */
const BUSY_TIMEOUT_MS = 200;

/**
 * @param name of the lock: a folder may have several, for different files.
 * @throws FolderHeldError one sentence that names the folder and its holder.
 */
export function lockFolder(folder: string, holder: string, name = 'gavel'): FolderLock {
  const path = join(folder, `${name}.lock`);
  const holderPath = join(folder, `${name}.holder`);
  makePrivate(path);
  const database = new Database(path, { create: true, strict: true });
  const nameHolder = (text: string) => writeFileSync(holderPath, text, { mode: 0o600 });
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // Held until the process ends: a transaction that writes nothing.
    database.run('begin immediate');
    nameHolder(holder);
  } catch (cause) {
    database.close();
    if (!(cause instanceof SQLiteError) || cause.code !== 'SQLITE_BUSY') throw cause;
    throw heldError(folder, { holderPath, cause });
  }
  return {
    nameHolder,
    [Symbol.dispose]: () => {
      rmSync(holderPath, { force: true });
      database.close();
    },
  };
}

function heldError(
  folder: string,
  { holderPath, cause }: { holderPath: string; cause: unknown },
): FolderHeldError {
  const holder = holderIn(holderPath);
  const message = `${folder} is in use by ${holder}: stop it first, or set another DATA_DIR`;
  return new FolderHeldError(message, { cause });
}

function holderIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'another process';
  }
}
