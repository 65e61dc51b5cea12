import { expect, test } from 'bun:test';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { createLetterCount } from './letter-count.ts';
import { NatsSettingError } from './setting.ts';

const ignore = () => undefined;

test('callers wait briefly for the first number, which is requested no more often', async () => {
  const { clock, timers, advance } = createManualTime();
  let asked = 0;
  const ask = () => {
    asked += 1;
    return new Promise<number>(ignore);
  };
  const count = createLetterCount({ ask, clock, timers, onError: ignore });
  for (let times = 0; times < 2; times++) {
    let answer: number | undefined;
    const counted = count().then((number) => {
      answer = number;
    });
    advance(199);
    await Promise.resolve();
    expect(answer).toBeUndefined();
    advance(1);
    await counted;
    expect(answer).toBe(0);
  }
  expect(asked).toBe(1);
});

test('a known number is returned at once, also while the next does not come', async () => {
  const { clock, timers, advance } = createManualTime();
  const answers = [Promise.resolve(3), new Promise<number>(ignore)];
  const ask = () => answers.shift() ?? Promise.reject(new Error('asked too often'));
  const count = createLetterCount({ ask, clock, timers, onError: ignore });
  expect(await count()).toBe(3);
  advance(1_000);
  expect(await count()).toBe(3);
  expect(answers).toEqual([]);
});

test('it is requested once per second, and a wrong setting is reported once', async () => {
  const { clock, timers, advance } = createManualTime();
  let asked = 0;
  let isWrong = true;
  const errors: unknown[] = [];
  const ask = async () => {
    asked += 1;
    if (isWrong) throw new NatsSettingError('wrong');
    return 7;
  };
  const onError = (error: unknown) => errors.push(error);
  const count = createLetterCount({ ask, clock, timers, onError });
  for (let atMs = 0; atMs < 2_000; atMs += 50) {
    expect(await count()).toBe(0);
    advance(50);
  }
  expect(asked).toBe(2);
  expect(errors).toHaveLength(1);
  isWrong = false;
  expect(await count()).toBe(7);
  isWrong = true;
  advance(1_000);
  await count();
  await count();
  expect(errors).toHaveLength(2);
});
