/**
 * Mends the append-only file of a Redis that was killed in the middle of a write.
 *
 * A script's writes stand in the file as one MULTI ... EXEC. Redis cuts a torn file behind the last
 * whole command, which leaves the MULTI open in it: what is written next then joins that transaction,
 * and the next start carries out both, the half that nobody was told of too (valkey-io/valkey#4342).
 * `redis-check-aof` cuts before the MULTI.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_ENVIRONMENT } from './process.ts';
import { programPath } from './program.ts';

const MANIFEST = join('appendonlydir', 'appendonly.aof.manifest');
const YES = new TextEncoder().encode('y\n');

/** @throws Error when more is wrong with the file than its end */
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
