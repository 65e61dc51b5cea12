/**
 * The data folder: made for its owner alone, and held by one node at a time.
 *
 * A node that owns files holds it for life; with workers their parent does, and each worker holds its own
 * file, because those of a parent that was killed outlive it by a moment. What only replaces a catalogue
 * or moves its tables is one transaction and needs no lock.
 */
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { type Clock, timestamp } from '../../../core/clock.ts';
import { sleep } from '../../../core/timer.ts';
import {
  FolderHeldError,
  type FolderLock,
  lockFolder,
} from '../../../driver/sqlite/file/folder-lock.ts';
import type { ServerAddress } from '../../setting/kind.ts';
import type { NodeParts } from '../parts.ts';
import type { Role } from '../role.ts';

const OWNER_ONLY = 0o700;
const FOR_OTHERS = 0o077;
const OWN_FILE = /^(?:gavel|live|bus|archive|exchange)(?:-\d+)?\.(?:db(?:-wal|-shm)?|lock|holder)$/;
const RETRY_MS = 100;
const MS_PER_SECOND = 1000;

/** Makes the folder unless it is there. One that holds nothing but Gavel's files is shut to others. */
export async function makeDataFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  if (made !== undefined) return;
  const { mode, uid } = await stat(path);
  if ((mode & FOR_OTHERS) === 0 || uid !== process.getuid?.()) return;
  const names = await readdir(path);
  if (names.every((name) => OWN_FILE.test(name))) await chmod(path, OWNER_ONLY);
}

/** Whether such a node writes files that no other may write. */
export function ownsFiles(role: Role): boolean {
  return role === 'all' || role === 'api';
}

/** @throws FolderHeldError when another process holds the folder. */
export async function holdFolder(
  { dataDir, serverAddress }: { readonly dataDir: string; readonly serverAddress: ServerAddress },
  clock: Clock,
): Promise<FolderLock> {
  const { hostname, port } = serverAddress;
  return holdFolderAs(`${hostname}:${port}`, { dataDir }, clock);
}

/** @param place what others report of the holder. @throws FolderHeldError */
export async function holdFolderAs(
  place: string,
  { dataDir }: { readonly dataDir: string },
  clock: Clock,
): Promise<FolderLock> {
  await makeDataFolder(dataDir);
  return lockFolder(dataDir, holderOf(clock, place));
}

/** What another start reports: who holds the folder, where it serves, and since when. */
export function holderOf(clock: Clock, place: string): string {
  return `process ${process.pid} (${place}, since ${timestamp(clock.nowMs())})`;
}

/** Null when the node writes no files. */
export async function holdOwnFiles(parts: NodeParts): Promise<FolderLock | null> {
  const { config, clock, role, worker } = parts;
  await makeDataFolder(config.dataDir);
  if (!ownsFiles(role)) return null;
  return worker === null ? holdFolder(config, clock) : holdWorkerFile(worker.number, parts);
}

/** Waits for an earlier worker of this number, which its parent's death has only told to stop. */
export async function holdWorkerFile(number: number, parts: NodeParts): Promise<FolderLock> {
  const { config, clock, timers } = parts;
  const { drainSeconds, shutdownSeconds } = config;
  const untilMs = clock.elapsedMs() + (drainSeconds + shutdownSeconds) * MS_PER_SECOND;
  const holder = holderOf(clock, `worker ${number}`);
  for (;;) {
    try {
      return lockFolder(config.dataDir, holder, `gavel-${number}`);
    } catch (error) {
      if (!(error instanceof FolderHeldError) || clock.elapsedMs() > untilMs) throw error;
      await sleep(timers, RETRY_MS);
    }
  }
}
