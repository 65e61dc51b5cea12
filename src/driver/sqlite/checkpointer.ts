/**
 * Moves what was committed from the write-ahead log into the database file, on a thread of its own.
 *
 * A checkpoint waits for the disk (8 ms for 4 MB, measured on 2026-11-21); done by the connection
 * that decides it would hold up every request meanwhile. It never blocks a writer, but when the log
 * has outgrown `RESTART_ABOVE_PAGES` it does once, so that the file cannot grow without end.
 */
export type Checkpointer = { stop(): void };

export function startCheckpointer(path: string): Checkpointer {
  const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url).href);
  worker.unref();
  worker.postMessage({ path });
  return { stop: () => worker.terminate() };
}
