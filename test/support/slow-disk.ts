/**
 * Makes the shim of `slow-disk.c`; reports when there is no C compiler and none can be installed.
 */
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'slow-disk.c');

/** Compiles the shim into a folder. @returns the settings that load it into a server */
export async function compileSlowDisk(folder: string): Promise<{ readonly LD_PRELOAD: string }> {
  const library = join(folder, 'slow-disk.so');
  const compiler = findCompiler() ?? (await installCompiler());
  await run([compiler, '-shared', '-fPIC', '-O1', '-Wall', '-o', library, SOURCE, '-ldl']);
  return { LD_PRELOAD: library };
}

function findCompiler(): string | null {
  return Bun.which('cc') ?? Bun.which('gcc');
}

async function installCompiler(): Promise<string> {
  const hint = 'this test needs a C compiler: install one, such as the package gcc with libc6-dev';
  if (process.getuid?.() !== 0 || Bun.which('apt-get') === null) throw new Error(hint);
  await run(['apt-get', 'update', '-qq']);
  await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'gcc', 'libc6-dev']);
  const compiler = findCompiler();
  if (compiler === null) throw new Error(hint);
  return compiler;
}

async function run(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdout: 'ignore', stderr: 'pipe' });
  const [err, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${err}`);
}
