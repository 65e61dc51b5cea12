import { expect, test } from 'bun:test';
import { createLetterCount } from './letter-count.ts';
import { NatsSettingError } from './setting.ts';

const ignore = () => undefined;

test('while the first number does not come, it is waited for shortly, and then as often', async () => {
  let asked = 0;
  const ask = () => {
    asked += 1;
    return new Promise<number>(ignore);
  };
  const count = createLetterCount({ ask, onError: ignore });
  for (let times = 0; times < 2; times++) {
    const startedAtMs = performance.now();
    expect(await count()).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(500);
  }
  expect(asked).toBe(1);
});

test('it is asked for once a second, and a wrong setting is told once until it is put right', async () => {
  let asked = 0;
  const errors: unknown[] = [];
  const ask = async () => {
    asked += 1;
    throw new NatsSettingError('wrong');
  };
  const count = createLetterCount({ ask, onError: (error) => errors.push(error) });
  const endsAtMs = performance.now() + 1_200;
  while (performance.now() < endsAtMs) {
    expect(await count()).toBe(0);
    await Bun.sleep(50);
  }
  expect(asked).toBe(2);
  expect(errors).toHaveLength(1);
});
