/** A database file as a broken disk would leave it. */
import { open } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/** Writes noise over all pages but the first few, which hold the tables' names. */
export async function spoilFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const noise = Buffer.alloc(size - 2 * PAGE_BYTES, 0xa5);
  await file.write(noise, 0, noise.length, 2 * PAGE_BYTES);
}
