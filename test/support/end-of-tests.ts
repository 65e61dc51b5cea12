/** What is shared by all test files of a process and freed behind the last one (see bunfig.toml). */
import { afterAll } from 'bun:test';

const shared = new AsyncDisposableStack();

/** Several servers end one after the other, on a machine that may be busy. */
const END_MS = 60_000;

afterAll(() => shared.disposeAsync(), END_MS);

/** What is opened first is freed last. */
export function freeAtEndOfTests<Resource extends AsyncDisposable>(resource: Resource): Resource {
  return shared.use(resource);
}
