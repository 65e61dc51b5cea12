/** Files that only their owner may read: an item's file holds reserves, hidden maxima and bidders' ids. */
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';

const OWNER_ONLY = 0o600;

/**
 * Creates the file unless it is there; either way only its owner may use it. SQLite gives its log and
 * its shared memory the same mode.
 */
export function makePrivate(path: string): void {
  if (isCreated(path)) return;
  // Never opened here: closing a file drops every lock that this process has on it.
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) tighten(path + suffix);
  }
}

function isCreated(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', OWNER_ONLY));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What belongs to another user stays as that user has it. */
function tighten(path: string): void {
  try {
    chmodSync(path, OWNER_ONLY);
  } catch (error) {
    if (!['EPERM', 'EROFS', 'ENOENT'].includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
