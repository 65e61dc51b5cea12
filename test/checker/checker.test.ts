import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../src/core/random.ts';
import { checkHistory } from './checker.ts';
import type { ViewerFrame } from './history.ts';
import { makeHistory } from './history-maker.ts';
import { nextMicrosAt } from './model-auction.ts';
import { withFrames } from './planted.ts';
import { ANSWER_FAULTS } from './planted-answer.ts';
import { COPY_FAULTS } from './planted-copy.ts';
import { LOG_FAULTS } from './planted-log.ts';
import { describeViolations, VIOLATION_KINDS } from './violation.ts';

const SEEDS = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function verdictOn(seed: number, calls: number): string {
  return describeViolations(checkHistory(makeHistory(seed, calls), nextMicrosAt));
}

describe('a correct book', () => {
  test('produces histories without a violation', () => {
    fc.assert(
      fc.property(SEEDS, fc.integer({ min: 1, max: 400 }), (seed, calls) => {
        expect(verdictOn(seed, calls)).toBe('no violation');
      }),
      { numRuns: 300 },
    );
  });

  test('produces a history of 200,000 calls without a violation', () => {
    expect(verdictOn(1, 200_000)).toBe('no violation');
  });
});

const CALLS = 400;
const FAULTS = [...LOG_FAULTS, ...ANSWER_FAULTS, ...COPY_FAULTS];

describe('a planted fault is caught', () => {
  test.each(FAULTS)('%s: %s', (_sentence, kind, plant) => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const faulty = plant(makeHistory(seed, CALLS), createRandom(seed));
        const kinds = checkHistory(faulty, nextMicrosAt).map((violation) => violation.kind);
        expect(kinds).toContain(kind);
      }),
      { numRuns: 40 },
    );
  });

  test('of every kind that the checker knows', () => {
    const planted = new Set(FAULTS.map(([, kind]) => kind));
    expect(VIOLATION_KINDS.filter((kind) => !planted.has(kind))).toEqual([]);
  });
});

test('a viewer told that nothing was recovered may go on from anywhere', () => {
  const history = makeHistory(1, CALLS);
  const jump: ViewerFrame[] = [
    { kind: 'events', events: history.log.slice(0, 1) },
    { kind: 'resumed', recovered: false },
    { kind: 'events', events: history.log.slice(4) },
  ];
  expect(checkHistory(withFrames(history, jump), nextMicrosAt)).toEqual([]);
});

test('a report counts each kind and shows the calls', () => {
  const history = withFrames(makeHistory(1, CALLS), [{ kind: 'snapshot', seq: 1_000 }]);
  const lost = { ...history, archive: history.log.slice(1) };
  const report = describeViolations(checkHistory(lost, nextMicrosAt));
  expect(report).toStartWith(
    '1 archive-missing, 1 viewer-phantom\n  archive-missing: event event-1',
  );
});
