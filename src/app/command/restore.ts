/**
 * `gavel restore`: a backup becomes the data folder.
 *
 * What is not whole changes nothing. The book comes last, so that a restore which was broken off is
 * noticed by the next start. Its items begin a new epoch: what was decided after the backup is lost, and
 * viewers who saw it are told.
 */
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, timestamp } from '../../core/clock.ts';
import { createIdMaker } from '../../core/id.ts';
import { beginEpochOfBook } from '../../driver/sqlite/backup/restored-book.ts';
import { makePrivate } from '../../driver/sqlite/file/private-file.ts';
import { systemRandom } from '../node/random.ts';
import { holdFolderAs } from '../node/store/data-folder.ts';
import { BOOK_FILE, inOrderOfEvents, isStoreFile } from '../node/store/paths.ts';
import { flush } from './backup.ts';
import { BackupError, type Manifest, readManifest, verifyFiles } from './manifest.ts';

const STAGE = 'restoring';
const ASIDE = 'before-restore';
const LOGS = /-(?:wal|shm)$/;

export type RestoreWanted = {
  readonly folder: string;
  readonly dataDir: string;
  /** Whether files that are there are put aside. */
  readonly force: boolean;
};

export type Restored = {
  readonly manifest: Manifest;
  /** Where the earlier files are; null when there were none. */
  readonly aside: string | null;
};

/** @throws BackupError, or FolderHeldError while a server holds the folder. */
export async function restore({ folder, dataDir, force }: RestoreWanted): Promise<Restored> {
  const manifest = await readManifest(folder);
  await verifyFiles(folder, manifest);
  using _lock = await holdFolderAs('gavel restore', { dataDir }, systemClock);
  const earlier = await storedIn(dataDir);
  if (earlier.length > 0 && !force) {
    throw new BackupError(`${dataDir} holds data already: --force puts it aside`);
  }
  const names = inOrderOfEvents(manifest.files.map(({ name }) => name));
  const stage = join(dataDir, STAGE);
  await prepare(names, { folder, stage });
  const aside = earlier.length === 0 ? null : await putAside(earlier, dataDir);
  for (const name of names) await rename(join(stage, name), join(dataDir, name));
  await flush(dataDir);
  await rm(stage, { recursive: true });
  return { manifest, aside };
}

/** The files of the store with their logs. */
async function storedIn(dataDir: string): Promise<string[]> {
  return (await readdir(dataDir)).filter((name) => isStoreFile(name.replace(LOGS, '')));
}

async function prepare(
  names: readonly string[],
  { folder, stage }: { readonly folder: string; readonly stage: string },
): Promise<void> {
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { mode: 0o700 });
  for (const name of names) {
    const path = join(stage, name);
    await copyFile(join(folder, name), path);
    makePrivate(path);
    if (name === BOOK_FILE) {
      beginEpochOfBook(path, createIdMaker('epoch', systemClock, systemRandom())());
    }
    await flush(path);
  }
}

/** @returns the folder in which they are now. */
async function putAside(names: readonly string[], dataDir: string): Promise<string> {
  const stamp = timestamp(systemClock.nowMs()).replaceAll(/[^0-9TZ]/g, '');
  const aside = join(dataDir, `${ASIDE}-${stamp}`);
  await mkdir(aside, { mode: 0o700 });
  // The book first: what is left without it is noticed. A log without its file is nothing to SQLite.
  const files = inOrderOfEvents(names.filter((name) => !LOGS.test(name))).toReversed();
  for (const name of [...files, ...names.filter((one) => LOGS.test(one))]) {
    await rename(join(dataDir, name), join(aside, name));
  }
  return aside;
}
