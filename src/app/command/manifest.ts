/** What a backup says of itself: which files it holds, how long they are and their checksums. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isStoreFile } from '../node/store/paths.ts';

export const MANIFEST = 'manifest.json';
const FORMAT = 1;
const SHA256 = /^[0-9a-f]{64}$/;

export type BackedUpFile = {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
};

export type Manifest = {
  readonly format: typeof FORMAT;
  /** Of the program that wrote it. */
  readonly version: string;
  readonly time: string;
  /** Of the book; null when there is none in the folder. */
  readonly lineage: string | null;
  readonly files: readonly BackedUpFile[];
};

/** What was asked for cannot be done, in one sentence. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

export function manifestOf(told: Omit<Manifest, 'format'>): Manifest {
  return { format: FORMAT, ...told };
}

/** @throws BackupError when there is none that this program can use. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((cause: Error) => {
    throw new BackupError(`${folder} holds no whole backup: ${cause.message}`, { cause });
  });
  const manifest = parse(text);
  if (!isManifest(manifest)) {
    throw new BackupError(`${join(folder, MANIFEST)} is not a manifest that this program knows`);
  }
  return manifest;
}

/** @throws BackupError when a file of the backup is not as it was written. */
export async function verifyFiles(folder: string, { files }: Manifest): Promise<void> {
  for (const { name, bytes, sha256 } of files) {
    const path = join(folder, name);
    const found = await measure(path).catch((cause: Error) => {
      throw new BackupError(`${path} of the backup cannot be read: ${cause.message}`, { cause });
    });
    if (found.bytes === bytes && found.sha256 === sha256) continue;
    throw new BackupError(`${path} is not as it was backed up: its checksum is another`);
  }
}

/** @throws when it cannot be read. */
export async function measure(path: string): Promise<Omit<BackedUpFile, 'name'>> {
  const hasher = new Bun.CryptoHasher('sha256');
  let bytes = 0;
  for await (const chunk of Bun.file(path).stream()) {
    hasher.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hasher.digest('hex') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isManifest(value: unknown): value is Manifest {
  const { format, files } = (value ?? {}) as Partial<Manifest>;
  return format === FORMAT && Array.isArray(files) && files.every(isBackedUpFile);
}

/** Its name is one that Gavel gives: never a path. */
function isBackedUpFile(value: unknown): value is BackedUpFile {
  const { name, bytes, sha256 } = (value ?? {}) as Partial<BackedUpFile>;
  const isNamed = typeof name === 'string' && isStoreFile(name);
  return isNamed && Number.isInteger(bytes) && typeof sha256 === 'string' && SHA256.test(sha256);
}
