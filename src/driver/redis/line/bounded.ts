/** A promise that settles in time. */
import type { Timers } from '../../../core/timer.ts';

export class LateError extends Error {
  override readonly name = 'LateError';
}

/**
 * The answer, or `LateError` after `withinMs`. The bound counts only against the other side: when
 * our own event loop was blocked and the timer is late, answers that have arrived are read first.
 */
export function bounded<Answer>(
  timers: Timers,
  answer: Promise<Answer>,
  withinMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new LateError(`no answer in ${withinMs} ms`));
    const late = () => setImmediate(() => setImmediate(giveUp));
    const callOff = timers.after(withinMs, late);
    answer.then(resolve, reject).finally(callOff);
  });
}
