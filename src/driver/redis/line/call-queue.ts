/**
 * Collects questions while earlier calls are under way, and sends them in batches.
 *
 * The first one goes at the end of its turn of the event loop; later ones wait until one of
 * `callsAtOnce` is free and then go together, at most `batch` of them. Order is kept. When a batch
 * fails, each of its callers gets the error. A caller is refused at once when `waiting` others
 * wait, and when it has waited for `longestMs` at its turn: its question was never sent.
 */

import type { Clock } from '../../../core/clock.ts';

export type QueueLimit = {
  /** Questions in one call. */
  readonly batch: number;
  /** Questions that wait for a call. */
  readonly waiting: number;
  readonly longestMs: number;
};

export type CallQueueParts<Question, Answer> = {
  /** Answers each question, in order. */
  readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  readonly callsAtOnce: number;
  readonly limit: QueueLimit;
  readonly clock: Clock;
  /** The error of a caller that may not wait, or gets no answer. */
  readonly refusal: (why: string) => Error;
};

type Waiting<Question, Answer> = {
  readonly question: Question;
  readonly sinceMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

export function createCallQueue<Question, Answer>(
  parts: CallQueueParts<Question, Answer>,
): (question: Question) => Promise<Answer> {
  const { ask, callsAtOnce, limit, clock, refusal } = parts;
  let waiting: Waiting<Question, Answer>[] = [];
  let calls = 0;
  let isScheduled = false;

  function refuseLate(): void {
    const sinceMs = clock.elapsedMs() - limit.longestMs;
    const inTime = waiting.findIndex((one) => one.sinceMs >= sinceMs);
    const late = inTime === -1 ? waiting : waiting.slice(0, inTime);
    if (late.length === 0) return;
    waiting = waiting.slice(late.length);
    for (const { reject } of late) reject(refusal('it has waited too long for Redis'));
  }

  function next(): void {
    isScheduled = false;
    refuseLate();
    while (waiting.length > 0 && calls < callsAtOnce) {
      const taken = waiting.slice(0, limit.batch);
      waiting = waiting.slice(limit.batch);
      calls += 1;
      void send(taken);
    }
  }

  async function send(taken: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await ask(taken.map(({ question }) => question));
      taken.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(refusal('an answer was left out'));
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of taken) reject(error);
    }
    calls -= 1;
    schedule();
  }

  /** At the end of the turn, so that callers woken by the last answers join the next call. */
  function schedule(): void {
    if (isScheduled || calls >= callsAtOnce) return;
    isScheduled = true;
    setImmediate(next);
  }

  return (question) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= limit.waiting) {
        reject(refusal('too many wait for Redis'));
        return;
      }
      waiting.push({ question, sinceMs: clock.elapsedMs(), resolve, reject });
      schedule();
    });
}
