/**
 * The folder of a server: a given one, which is kept, or a temporary one, which is removed.
 *
 * A temporary folder is named for the process that owns it. A killed process cannot remove its own:
 * the next process that needs a folder removes it. Data that may be lost with the machine goes into
 * memory, if there is plenty of it: a hundred databases are thirty thousand files, and a busy disk
 * took more than 30 s to remove them (2026-11, 2 cores).
 */
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const OWNED = /^gavel-server-(?<pid>\d+)-/;

/** A folder in memory, on Linux. */
const MEMORY = '/dev/shm';
/** Enough for several servers at a time; a container has less. */
const MEMORY_LEAST_BYTES = 8 * 1024 ** 3;

let swept: Promise<void> | undefined;

export type ServerFolder = AsyncDisposable & { readonly path: string };

/** @param isFleeting whether its data may be lost with the machine */
export async function openServerFolder(
  name: string,
  given?: string,
  isFleeting = false,
): Promise<ServerFolder> {
  if (given !== undefined) {
    const path = resolve(given);
    await mkdir(path, { recursive: true });
    return { path, [Symbol.asyncDispose]: async () => {} };
  }
  swept ??= removeFoldersOfTheDead();
  await swept;
  const parent = isFleeting && (await hasMemory()) ? MEMORY : tmpdir();
  const path = await mkdtemp(join(parent, `gavel-server-${process.pid}-${name}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A server whose owner has just died may still write while it ends. */
const RETRIES = { maxRetries: 5, retryDelay: 200 };

async function hasMemory(): Promise<boolean> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= MEMORY_LEAST_BYTES;
}

export async function removeFoldersOfTheDead(): Promise<void> {
  for (const parent of [tmpdir(), MEMORY]) {
    for (const entry of await readdir(parent).catch(() => [])) {
      const pid = OWNED.exec(entry)?.groups?.['pid'];
      if (pid === undefined || isAlive(Number(pid))) continue;
      const folder = join(parent, entry);
      await rm(folder, { recursive: true, force: true, ...RETRIES }).catch(() => {});
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
