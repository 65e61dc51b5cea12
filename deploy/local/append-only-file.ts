/**
 * Repairs the append-only file of a Redis that was killed in the middle of a write.
 *
 * A script's writes are one MULTI ... EXEC in the file. Redis truncates a torn file after the last
 * whole command, which leaves the MULTI open: later writes then join that transaction, and the next
 * start carries out both, including the half that was never acknowledged (valkey-io/valkey#4342).
 * `redis-check-aof` truncates before the MULTI.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_ENVIRONMENT } from './process.ts';
import { programPath } from './program.ts';

const MANIFEST = join('appendonlydir', 'appendonly.aof.manifest');
const YES = new TextEncoder().encode('y\n');

/** @throws Error when the file is damaged other than at its end */
export async function mendAppendOnlyFile(folder: string): Promise<void> {
  const manifest = join(folder, MANIFEST);
  if (!existsSync(manifest)) return;
  const child = Bun.spawn([programPath('redis-check-aof'), '--fix', manifest], {
    env: { ...SERVER_ENVIRONMENT },
    stdio: [YES, 'pipe', 'inherit'],
  });
  const [said, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error(`${manifest} cannot be mended:\n${said}`);
}
