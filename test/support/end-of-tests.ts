/**
 * What is shared by all test files of a process and freed behind the last one (see bunfig.toml).
 *
 * A worker of `bun test --parallel` runs this after each of its files and is not told of its last.
 * It frees nothing: its servers end with it, and test/run.ts removes their folders.
 */
import { afterAll } from 'bun:test';

const shared = new AsyncDisposableStack();

/** Several servers end one after the other, on a machine that may be busy. */
const END_MS = 60_000;

const isWorker = process.env['BUN_TEST_WORKER_ID'] !== undefined;

if (!isWorker) afterAll(() => shared.disposeAsync(), END_MS);

/** What is opened first is freed last. */
export function freeAtEndOfTests<Resource extends AsyncDisposable>(resource: Resource): Resource {
  return shared.use(resource);
}
