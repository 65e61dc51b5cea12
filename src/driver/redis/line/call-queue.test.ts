/** Calls that collect the questions asked meanwhile. */
import { expect, test } from 'bun:test';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { createCallQueue, type QueueLimit } from './call-queue.ts';

class Refused extends Error {}

type Limits = Pick<QueueLimit, 'batch' | 'waiting'> & {
  readonly callsAtOnce: number;
  readonly longestMs?: number;
};

/** A queue with calls answered by hand, with the length of each question. */
function openQueue({ callsAtOnce, batch, waiting, longestMs = 60_000 }: Limits) {
  const calls: { questions: readonly string[]; answer(): void; fail(): void }[] = [];
  const clock = createManualClock();
  const ask = createCallQueue<string, number>({
    callsAtOnce,
    limit: { batch, waiting, longestMs },
    clock,
    ask: (questions) =>
      new Promise((resolve, reject) => {
        const answers = questions.map(({ length }) => length);
        const fail = () => reject(new Error('lost'));
        calls.push({ questions, answer: () => resolve(answers), fail });
      }),
    refusal: (why) => new Refused(why),
  });
  return { ask, calls, clock };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('questions asked during a call go with the next one, in order', async () => {
  const { ask, calls } = openQueue({ callsAtOnce: 1, batch: 10, waiting: 10 });
  const first = ask('a');
  await turn();
  const later = ['bb', 'ccc'].map(ask);
  await turn();
  expect(calls.map(({ questions }) => questions)).toEqual([['a']]);
  calls[0]?.answer();
  expect(await first).toBe(1);
  await turn();
  expect(calls[1]?.questions).toEqual(['bb', 'ccc']);
  calls[1]?.answer();
  expect(await Promise.all(later)).toEqual([2, 3]);
});

test('no call holds more than a batch, and calls under way are bounded', async () => {
  const { ask, calls } = openQueue({ callsAtOnce: 2, batch: 2, waiting: 10 });
  const asked = ['a', 'b', 'c', 'd', 'e'].map(ask);
  await turn();
  expect(calls.map(({ questions }) => questions)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  for (const call of calls) call.answer();
  await turn();
  calls[2]?.answer();
  expect(await Promise.all(asked)).toEqual([1, 1, 1, 1, 1]);
});

test('a caller is refused when too many wait, and no other', async () => {
  const { ask, calls } = openQueue({ callsAtOnce: 1, batch: 10, waiting: 2 });
  const waiting = [ask('a'), ask('b')];
  await expect(ask('c')).rejects.toBeInstanceOf(Refused);
  await turn();
  calls[0]?.answer();
  expect(await Promise.all(waiting)).toEqual([1, 1]);
});

test('a call that fails fails all its callers, and the next goes on', async () => {
  const { ask, calls } = openQueue({ callsAtOnce: 1, batch: 10, waiting: 10 });
  const lost = [ask('a'), ask('b')];
  await turn();
  const next = ask('c');
  calls[0]?.fail();
  for (const end of await Promise.allSettled(lost))
    expect(end).toMatchObject({ status: 'rejected' });
  await turn();
  calls[1]?.answer();
  expect(await next).toBe(1);
});

test('a caller that has waited too long is refused, and its question is not sent', async () => {
  const limits = { callsAtOnce: 1, batch: 10, waiting: 10, longestMs: 20 };
  const { ask, calls, clock } = openQueue(limits);
  const first = ask('a');
  await turn();
  const late = ask('b');
  clock.advance(1);
  const inTime = ask('c');
  clock.advance(20);
  calls[0]?.answer();
  expect(await first).toBe(1);
  await expect(late).rejects.toBeInstanceOf(Refused);
  await turn();
  expect(calls[1]?.questions).toEqual(['c']);
  calls[1]?.answer();
  expect(await inTime).toBe(1);
});
