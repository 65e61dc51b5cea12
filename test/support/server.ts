/**
 * A real `gavel serve` as a child process on a free port, and the other commands beside it.
 *
 * A server sees only the settings that a test gives it, never those of the machine. Its log is read
 * all the time, so that a full pipe cannot hold it up.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const GAVEL = join(import.meta.dirname, '../../src/cli/gavel.ts');

export type Settings = Readonly<Record<string, string>>;

export type Folder = AsyncDisposable & { readonly path: string };

export async function openFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'gavel-e2e-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export type TestServer = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Lines of its log so far, as they are in the output. */
  readonly log: readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** The exit code; 128 and the signal's number when a signal ended it. */
  readonly exited: Promise<number>;
};

/** Starts a server and waits until it serves. @param dataDir is kept; without one a folder is made. */
export async function openServer(settings: Settings = {}, dataDir?: string): Promise<TestServer> {
  const own = dataDir === undefined ? await openFolder() : undefined;
  const folder = dataDir ?? own?.path ?? '';
  const child = Bun.spawn([process.execPath, GAVEL, 'serve'], {
    env: { ...environment(settings, folder), SERVER_ADDR: '127.0.0.1:0' },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const log: string[] = [];
  const url = await readUrl(child.stdout, log).catch(async (error) => {
    child.kill('SIGKILL');
    await own?.[Symbol.asyncDispose]();
    throw error;
  });
  return {
    url,
    log,
    pid: child.pid,
    dataDir: folder,
    kill: (signal) => child.kill(signal),
    exited: child.exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await child.exited;
      await own?.[Symbol.asyncDispose]();
    },
  };
}

export type CommandResult = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command to its end. */
export async function runGavel(
  words: readonly string[],
  { dataDir, settings = {} }: { readonly dataDir: string; readonly settings?: Settings },
): Promise<CommandResult> {
  const child = Bun.spawn([process.execPath, GAVEL, ...words], {
    env: environment(settings, dataDir),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { code, out, err };
}

/** Makes a value the catalogue of a folder with `load-data`, also while a server runs there. */
export async function loadCatalog(dataDir: string, catalog: unknown): Promise<CommandResult> {
  const input = join(dataDir, 'catalog.json');
  await writeFile(input, JSON.stringify(catalog));
  return runGavel(['load-data', '--input', input], { dataDir });
}

function environment(settings: Settings, dataDir: string): Settings {
  return { LOG_FORMAT: 'json', ...settings, DATA_DIR: dataDir };
}

/** Resolves with the address that the server tells when it serves, and goes on filling the log. */
function readUrl(stdout: ReadableStream<Uint8Array>, log: string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const follow = async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      log.push(...lines);
      for (const line of lines) {
        const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
        if (msg === 'serving' && url !== undefined) resolve(url);
      }
    }
    reject(new Error(`the server ended before it served:\n${log.join('\n')}`));
  };
  follow().catch(reject);
  return promise;
}
