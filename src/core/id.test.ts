import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { createIdMaker, isId } from './id.ts';
import { createRandom } from './random.ts';

const IDS_PER_MILLISECOND = 32 ** 4;

function isRising(ids: readonly string[]): boolean {
  return ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ''));
}

describe('a made id', () => {
  test('is its prefix and 22 characters, and may cross the border', () => {
    const id = createIdMaker('auc', createManualClock(), createRandom(1))();
    expect(id).toMatch(/^auc_[0-9a-v]{22}$/);
    expect(isId(id)).toBe(true);
  });

  test('sorts after every earlier one, however the clock steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 50 }), (steps) => {
        const clock = createManualClock();
        const nextId = createIdMaker('auc', clock, createRandom(1));
        const ids = steps.flatMap((ms) => {
          clock.advance(ms);
          return [nextId(), nextId()];
        });
        expect(isRising(ids)).toBe(true);
      }),
    );
  });

  test('borrows the next millisecond when one has no more', () => {
    const clock = createManualClock();
    const nextId = createIdMaker('auc', clock, createRandom(1));
    for (let made = 0; made < IDS_PER_MILLISECOND - 1; made++) nextId();
    const last = nextId();
    const borrowed = nextId();
    clock.advance(1);
    expect(isRising([last, borrowed, nextId()])).toBe(true);
  });

  test('is not made by another process at the same moment', () => {
    const clock = createManualClock();
    const makers = [1, 2, 3].map((seed) => createIdMaker('auc', clock, createRandom(seed)));
    const ids = makers.flatMap((nextId) => Array.from({ length: 1_000 }, nextId));
    expect(new Set(ids).size).toBe(3_000);
  });
});

describe('what may be an id', () => {
  test.each(['a', 'supply1', 'A-Z_a.z:0-9', 'x'.repeat(128), '__proto__'])('%p may', (text) => {
    expect(isId(text)).toBe(true);
  });

  test.each(['', 'x'.repeat(129), 'a b', 'a\n', '\na', 'é', 'a/b', "a'b", 'a*', 'a>'])(
    '%p may not',
    (text) => {
      expect(isId(text)).toBe(false);
    },
  );
});
