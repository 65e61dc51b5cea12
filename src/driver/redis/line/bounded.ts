/** A promise that settles in time. */

export class LateError extends Error {
  override readonly name = 'LateError';
}

/**
 * The answer, or `LateError` after `withinMs`. Only the other side is held to the time: when the timer
 * is late because our own loop stood still, answers that have come meanwhile are read first.
 */
export function bounded<Answer>(answer: Promise<Answer>, withinMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new LateError(`no answer in ${withinMs} ms`));
    const timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), withinMs);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
