/** A server that hangs is waited for no longer than this once it is to stop. */
const PATIENCE_MS = 2_000;

/** The end of a loop: it cuts its pauses short. */
export type Stopping = {
  isStopping(): boolean;
  /** Resolves, with null, when it is to stop. */
  readonly asked: Promise<null>;
  /** Resolves when it is to wait for no server any more. */
  readonly overdue: Promise<void>;
  stop(): void;
  pause(ms: number): Promise<void>;
};

export function createStopping(): Stopping {
  const { promise: asked, resolve } = Promise.withResolvers<null>();
  const { promise: overdue, resolve: giveUp } = Promise.withResolvers<void>();
  let isStopping = false;
  let wake = () => {};
  return {
    isStopping: () => isStopping,
    asked,
    overdue,
    stop() {
      isStopping = true;
      resolve(null);
      setTimeout(giveUp, PATIENCE_MS).unref();
      wake();
    },
    pause: (ms) =>
      new Promise((done) => {
        if (isStopping) return done();
        const timer = setTimeout(done, ms);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      }),
  };
}
