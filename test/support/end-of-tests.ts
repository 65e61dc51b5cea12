/**
 * Resources that all test files of a process share, freed after the last one (see bunfig.toml).
 *
 * A worker of `bun test --parallel` runs this after each of its files and does not know its last
 * one. So it frees nothing: its servers end with it, and test/run.ts removes their folders.
 */
import { afterAll } from 'bun:test';

const shared = new AsyncDisposableStack();

/** Several servers end one after the other, on a machine that may be busy. */
const END_MS = 60_000;

const isWorker = process.env['BUN_TEST_WORKER_ID'] !== undefined;

if (!isWorker) afterAll(() => shared.disposeAsync(), END_MS);

/** Frees in reverse order of opening. */
export function freeAtEndOfTests<Resource extends AsyncDisposable>(resource: Resource): Resource {
  return shared.use(resource);
}
