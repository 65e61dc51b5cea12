/** The end of a loop: it cuts its pauses short. */
export type Stopping = {
  isStopping(): boolean;
  /** Resolves, with null, when it is to stop. */
  readonly asked: Promise<null>;
  stop(): void;
  pause(ms: number): Promise<void>;
};

export function createStopping(): Stopping {
  const { promise: asked, resolve } = Promise.withResolvers<null>();
  let isStopping = false;
  let wake = () => {};
  return {
    isStopping: () => isStopping,
    asked,
    stop() {
      isStopping = true;
      resolve(null);
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
