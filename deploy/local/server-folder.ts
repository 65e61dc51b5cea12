/**
 * The folder of a server: the one that is given, which stays, or a temporary one, which does not.
 *
 * A temporary one is named for the process that owns it. A process that is killed cannot remove its
 * own: the next one that needs a folder does it.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const OWNED = /^gavel-server-(?<pid>\d+)-/;

let swept: Promise<void> | undefined;

export type ServerFolder = AsyncDisposable & { readonly path: string };

export async function openServerFolder(name: string, given?: string): Promise<ServerFolder> {
  if (given !== undefined) {
    const path = resolve(given);
    await mkdir(path, { recursive: true });
    return { path, [Symbol.asyncDispose]: async () => {} };
  }
  swept ??= removeFoldersOfTheDead();
  await swept;
  const path = await mkdtemp(join(tmpdir(), `gavel-server-${process.pid}-${name}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A server that has just lost its owner may still write while it ends. */
const RETRIES = { maxRetries: 5, retryDelay: 200 };

export async function removeFoldersOfTheDead(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    const pid = OWNED.exec(entry)?.groups?.['pid'];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(tmpdir(), entry), { recursive: true, force: true, ...RETRIES }).catch(() => {});
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
