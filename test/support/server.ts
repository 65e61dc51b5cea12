/**
 * A real `gavel serve` as a child process on a free port, and the other commands beside it.
 *
 * A server sees only the settings that a test gives it, never those of the machine. Its log is read
 * all the time, so that a full pipe cannot block it.
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
  /** Resolves when a line of its log contains a text. @throws Error when it ends without one */
  logs(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code; 128 and the signal's number when a signal ended it. */
  readonly exited: Promise<number>;
};

/**
 * Starts a server and waits until it serves. @param dataDir is kept; without one a folder is made.
 */
export async function openServer(settings: Settings = {}, dataDir?: string): Promise<TestServer> {
  const own = dataDir === undefined ? await openFolder() : undefined;
  const folder = dataDir ?? own?.path ?? '';
  const child = Bun.spawn([process.execPath, GAVEL, 'serve'], {
    env: { ...environment(settings, folder), SERVER_ADDR: '127.0.0.1:0' },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const log = createLogReader(child.stdout);
  const url = await readUrl(log).catch(async (error) => {
    child.kill('SIGKILL');
    await own?.[Symbol.asyncDispose]();
    throw error;
  });
  return {
    url,
    log: log.lines,
    logs: async (text) => void (await log.find((line) => line.includes(text))),
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

type LogReader = {
  readonly lines: readonly string[];
  /** The first line that is wanted, also one to come. @throws Error when the log ends without it */
  find(isWanted: (line: string) => boolean): Promise<string>;
};

/** Reads a log all the time, so that a full pipe cannot block its writer. */
function createLogReader(stdout: ReadableStream<Uint8Array>): LogReader {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let hasEnded = false;
  const lookAgain = () => {
    for (const look of waiting) look();
  };

  async function follow(): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of stdout) {
      const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = pieces.pop() ?? '';
      lines.push(...pieces);
      lookAgain();
    }
  }

  void follow().finally(() => {
    hasEnded = true;
    lookAgain();
  });
  return {
    lines,
    find(isWanted) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        const line = lines.find(isWanted);
        if (line === undefined && !hasEnded) return;
        waiting.delete(look);
        if (line !== undefined) resolve(line);
        else reject(new Error(`the server ended with this log:\n${lines.join('\n')}`));
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}

/** The address that the server logs when it serves. */
async function readUrl(log: LogReader): Promise<string> {
  const line = await log.find((one) => one.includes('"msg":"serving"'));
  return (JSON.parse(line) as { readonly url: string }).url;
}
