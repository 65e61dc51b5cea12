import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { createIdMaker, isId, isUserId } from './id.ts';
import { createRandom } from './random.ts';

const IDS_PER_MILLISECOND = 32 ** 4;

function isRising(ids: readonly string[]): boolean {
  return ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ''));
}

describe('a made id', () => {
  test('is its prefix and 22 characters, and passes as an id', () => {
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

  test('borrows the next millisecond when one is used up', () => {
    const clock = createManualClock();
    const nextId = createIdMaker('auc', clock, createRandom(1));
    for (let made = 0; made < IDS_PER_MILLISECOND - 1; made++) nextId();
    const last = nextId();
    const borrowed = nextId();
    clock.advance(1);
    expect(isRising([last, borrowed, nextId()])).toBe(true);
  });

  test('differs from those that another process makes at the same moment', () => {
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

  test.each(['...', '.a', 'a.', '.-'])('%p may, though it has dots', (text) => {
    expect(isId(text)).toBe(true);
  });

  test.each(['', 'x'.repeat(129), 'a b', 'a\n', '\na', 'é', 'a/b', "a'b", 'a*', 'a>', '.', '..'])(
    '%p may not',
    (text) => {
      expect(isId(text)).toBe(false);
    },
  );

  test.each([[12345], [null], [undefined], [true], [['x']], [{ toString: () => 'x' }]])(
    '%p may not: it is not a string, though a pattern would convert it',
    (value) => {
      expect(isId(value)).toBe(false);
      expect(isUserId(value)).toBe(false);
    },
  );
});

describe('what may be the id of a bidder', () => {
  test.each([
    'a',
    'auth0|64f1a2',
    'google-oauth2|1',
    'ann@example.com',
    'https://id.example/u/7?x=1#y',
    'Zoë Müller',
    '用户 7',
    '👩‍🚀',
    '..',
    '"\\\'{}[]<>*',
    'x'.repeat(256),
    'é'.repeat(128),
    '👩'.repeat(64),
  ])('%p may', (text) => {
    expect(isUserId(text)).toBe(true);
  });

  test.each([
    '',
    'x'.repeat(257),
    'é'.repeat(129),
    '用'.repeat(86),
    'a\nb',
    'a\0b',
    'a\tb',
    'a\u007fb',
    'a\u0085b',
    'a\u009fb',
    'a\u2028b',
    'a\u2029b',
    '\ud800',
    'a\udc00b',
  ])('%p may not', (text) => {
    expect(isUserId(text)).toBe(false);
  });
});
