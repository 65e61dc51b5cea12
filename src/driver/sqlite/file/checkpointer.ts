/**
 * Moves what was committed from the write-ahead log into the database file, on a thread of its own.
 *
 * A checkpoint waits for the disk (8 ms for 4 MB, measured on 2026-11-21); done by the connection
 * that decides it would hold up every request meanwhile. It never blocks a writer, but when the log
 * has outgrown `RESTART_ABOVE_PAGES` it does once, so that the file cannot grow without end.
 */
export type Checkpointer = {
  /** Resolves when the thread holds the file no longer. */
  stop(): Promise<void>;
};

/** What is sent to the thread. */
export type CheckpointOrder = { readonly kind: 'start'; readonly path: string } | { kind: 'stop' };

export function startCheckpointer(path: string): Checkpointer {
  const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url).href);
  const ended = Promise.withResolvers<void>();
  worker.onmessage = () => ended.resolve();
  // A thread that could not open the file holds nothing either.
  worker.onerror = () => ended.resolve();
  const send = (order: CheckpointOrder) => worker.postMessage(order);
  worker.unref();
  send({ kind: 'start', path });
  return {
    stop: async () => {
      worker.ref();
      send({ kind: 'stop' });
      await ended.promise;
      worker.terminate();
    },
  };
}
