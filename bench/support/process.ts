/** Processes of a benchmark: started on one core, watched by pid, stopped by pid. */
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
const BUN = process.execPath;
const SERVER_CORE = '0';

/** A node without the limits that stop one address or user from loading it. */
export const LIVE_SETTINGS = {
  BIDS_PER_SECOND_PER_USER: '0',
  WS_CONNECTIONS_PER_ADDRESS: '0',
};

/** `gavel serve` on a free port with a data folder, pinned like every server. */
export function serveGavel(
  dataDir: string,
  settings: Record<string, string>,
  role = 'all',
): Promise<Served> {
  return startPinned(['src/cli/gavel.ts', 'serve', '--role', role], {
    DATA_DIR: dataDir,
    SERVER_ADDR: '127.0.0.1:0',
    LOG_FORMAT: 'json',
    ...settings,
  });
}

export type Served = AsyncDisposable & { readonly url: string; rssMegabytes(): Promise<number> };

/** Starts a script that prints a JSON line with its `url`, pinned to the server's core. */
export async function startPinned(
  script: readonly string[],
  env: Record<string, string> = {},
): Promise<Served> {
  const child = Bun.spawn(['taskset', '-c', SERVER_CORE, BUN, ...script], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const url = await firstUrl(child.stdout);
  return {
    url,
    rssMegabytes: async () => {
      const status = await Bun.file(`/proc/${child.pid}/status`).text();
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await child.exited;
    },
  };
}

async function firstUrl(output: ReadableStream<Uint8Array>): Promise<string> {
  const reader = output.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the server ended before it listened:\n${text}`);
    text += decoder.decode(value, { stream: true });
    const url = /"url":"([^"]+)"/.exec(text)?.[1];
    if (url !== undefined) return url.replace('0.0.0.0', '127.0.0.1');
  }
}
