/** `gavel backup`: all files of the data folder as they are at one moment, also while a server writes them. */
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { systemClock, timestamp } from '../../core/clock.ts';
import { lineageOfBook } from '../../driver/sqlite/backup/restored-book.ts';
import { snapshotFiles } from '../../driver/sqlite/backup/snapshot.ts';
import { BOOK_FILE, inOrderOfEvents, isStoreFile } from '../node/store/paths.ts';
import { BackupError, MANIFEST, type Manifest, manifestOf, measure } from './manifest.ts';

/** @throws BackupError when there is nothing to back up, or `folder` is not empty. */
export async function backUp(dataDir: string, folder: string): Promise<Manifest> {
  const names = inOrderOfEvents(await namesIn(dataDir));
  if (names.length === 0) throw new BackupError(`${dataDir} holds nothing to back up`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) {
    throw new BackupError(`${folder} is not empty: a backup goes into a folder of its own`);
  }
  try {
    return await write(names, { dataDir, folder });
  } catch (error) {
    await removeFiles(folder);
    throw error;
  }
}

type Place = { readonly dataDir: string; readonly folder: string };

async function write(names: readonly string[], { dataDir, folder }: Place): Promise<Manifest> {
  const time = timestamp(systemClock.nowMs());
  const copyOf = (name: string) => ({ from: join(dataDir, name), to: join(folder, name) });
  const hasBook = names.includes(BOOK_FILE);
  snapshotFiles({
    files: names.filter((name) => name !== BOOK_FILE).map(copyOf),
    book: hasBook ? copyOf(BOOK_FILE) : null,
  });
  const lineage = hasBook ? lineageOfBook(join(folder, BOOK_FILE)) : null;
  const files = [];
  for (const name of names) {
    const path = join(folder, name);
    await flush(path);
    files.push({ name, ...(await measure(path)) });
  }
  const manifest = manifestOf({ version: packageJson.version, time, lineage, files });
  // Last: a folder without it is no backup.
  const path = join(folder, MANIFEST);
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  await flush(folder);
  return manifest;
}

/** Resolves when it is on the disk. @param path of a file or a folder. */
export async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

async function namesIn(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir).catch((cause: Error) => {
    throw new BackupError(`${dataDir} cannot be read: ${cause.message}`, { cause });
  });
  return names.filter(isStoreFile);
}

async function removeFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
}
