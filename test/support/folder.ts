/** A new empty folder, deleted with its content on disposal. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Folder = AsyncDisposable & { path(name: string): string };

export async function openFolder(): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-'));
  return {
    path: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
