/**
 * `make test`: runs test files in several workers of one `bun test`, which prints one summary.
 *
 *     bun test/run/run.ts [--without-servers] [WORD ...]
 *
 * Most tests wait more than they compute, so there is one more worker than the machine has cores. A
 * worker keeps the servers that its files share until it ends; a worker that dies is a failure.
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { removeFoldersOfTheDead } from '../../deploy/local/server-folder.ts';
import { HOUSE, readSources } from '../house/tree.ts';
import { chooseTests } from './choice.ts';
import { createFailureList } from './failure-list.ts';

/** Only what hangs takes so long: workers share the processors with the servers of all of them. */
const TEST_MS = 60_000;

/**
 * How long each file took: next time the slowest start first, so that none runs alone at the end.
 */
const TIMINGS = join(HOUSE, 'node_modules/.cache/gavel/test-timings.json');

type Outcome = { readonly code: number; readonly failures: readonly string[] };

async function run(paths: readonly string[]): Promise<Outcome> {
  await mkdir(join(TIMINGS, '..'), { recursive: true });
  const flags = ['--timeout', `${TEST_MS}`, '--dots'];
  const workers = [`--parallel=${availableParallelism() + 1}`, '--no-isolate'];
  const timings = [`--timings=${TIMINGS}`, '--update-timings'];
  const files = paths.map((path) => `./${path}`);
  const child = Bun.spawn([process.execPath, 'test', ...flags, ...workers, ...timings, ...files], {
    cwd: HOUSE,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const failures = await Promise.all([pass(child.stdout), pass(child.stderr)]);
  return { code: await child.exited, failures: failures.flat() };
}

/** Prints the output as it arrives. @returns the failures in it */
async function pass(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const failures = createFailureList();
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    process.stdout.write(chunk);
    failures.add(decoder.decode(chunk, { stream: true }));
  }
  return failures.list();
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const withServers = !process.argv.includes('--without-servers');
const files = await readSources('src', 'test', 'bench', 'deploy');
const chosen = chooseTests(files, { words, withServers });
if (chosen.length === 0) {
  process.stderr.write(`No test file has one of these in its path: ${words.join(' ')}\n`);
  process.exit(1);
}
const { code, failures } = await run(chosen);
await removeFoldersOfTheDead();
if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.join('\n')}\n`);
process.exit(code);
