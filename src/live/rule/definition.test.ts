import { describe, expect, test } from 'bun:test';
import { definitionOf, units } from '../../../test/support/live-item.ts';
import { toMicros, ZERO_MICROS } from '../../core/money.ts';
import { DEFINITION_LIMIT, definitionFaults, FIRST_SIGHT_POLICY } from './definition.ts';
import type { ItemDefinition, ItemPolicy, LadderStep } from './item.ts';
import { LIVE_LIMIT } from './limit.ts';

function paths(policy: Partial<ItemPolicy>, times: Partial<ItemDefinition> = {}): string[] {
  return definitionFaults(definitionOf(policy, times)).map((fault) => fault.path);
}

function ladder(...steps: [below: number | null, increment: number][]): string[] {
  const cut = ([below, increment]: [number | null, number]): LadderStep => ({
    belowMicros: below === null ? null : units(below),
    incrementMicros: units(increment),
  });
  return paths({ increment: { kind: 'ladder', steps: steps.map(cut) } });
}

describe('a definition without fault', () => {
  test('may be as plain as an item that nobody opened', () => {
    expect(paths(FIRST_SIGHT_POLICY)).toEqual([]);
  });

  test('may use every policy', () => {
    const policy: Partial<ItemPolicy> = {
      reserveMicros: units(100),
      buyNowMicros: units(100),
      increment: { kind: 'percent', basisPoints: 10_000, leastMicros: units(1) },
      softClose: { windowMs: 1, extendMs: 1, absoluteEndMs: 200 },
    };
    expect(paths(policy, { opensAtMs: 100, closesAtMs: 200 })).toEqual([]);
  });

  test('may climb a ladder', () => {
    expect(ladder([20, 0.5], [200, 1], [null, 5])).toEqual([]);
    expect(ladder([null, 5])).toEqual([]);
  });
});

test('a name is counted in characters', () => {
  const most = DEFINITION_LIMIT.nameCharacters;
  expect(paths({}, { name: '😀'.repeat(most) })).toEqual([]);
  expect(paths({}, { name: '😀'.repeat(most + 1) })).toEqual(['name']);
  expect(paths({}, { name: 'half \ud83d' })).toEqual(['name']);
});

describe('a fault is found', () => {
  test('in the id and the name', () => {
    expect(paths({}, { itemId: 'a b' })).toEqual(['itemId']);
    expect(paths({}, { name: '' })).toEqual(['name']);
    expect(paths({}, { name: 'x'.repeat(DEFINITION_LIMIT.nameCharacters + 1) })).toEqual(['name']);
  });

  test('in amounts that are not positive or too large', () => {
    expect(paths({ startMicros: ZERO_MICROS })).toEqual(['policy.startMicros']);
    expect(paths({ startMicros: toMicros(LIVE_LIMIT.priceMicros + 1) })).toEqual([
      'policy.startMicros',
    ]);
    expect(paths({ reserveMicros: ZERO_MICROS })).toEqual(['policy.reserveMicros']);
  });

  test('in a fixed increment of nothing', () => {
    expect(paths({ increment: { kind: 'fixed', amountMicros: ZERO_MICROS } })).toEqual([
      'policy.increment.amountMicros',
    ]);
  });

  test('in a percentage of nothing, of parts of a basis point, and of more than the price', () => {
    for (const basisPoints of [0, 2.5, DEFINITION_LIMIT.incrementBasisPoints + 1]) {
      expect(paths({ increment: { kind: 'percent', basisPoints, leastMicros: units(1) } })).toEqual(
        ['policy.increment.basisPoints'],
      );
    }
    const increment = { kind: 'percent', basisPoints: 1, leastMicros: ZERO_MICROS } as const;
    expect(paths({ increment })).toEqual(['policy.increment.leastMicros']);
  });

  test('in a ladder without steps or with too many', () => {
    expect(ladder()).toEqual(['policy.increment.steps']);
    const many = Array.from({ length: DEFINITION_LIMIT.ladderSteps }, (_, at): [number, number] => [
      at + 1,
      1,
    ]);
    expect(ladder(...many, [null, 1])).toEqual(['policy.increment.steps']);
  });

  test('in a ladder whose bounds do not rise', () => {
    expect(ladder([20, 1], [20, 2], [null, 3])).toEqual(['policy.increment.steps[1].belowMicros']);
  });

  test('in a ladder whose increments fall', () => {
    expect(ladder([20, 2], [null, 1])).toEqual(['policy.increment.steps[1].incrementMicros']);
  });

  test('in a ladder that ends, or is open before its last step', () => {
    expect(ladder([20, 1])).toEqual(['policy.increment.steps[0].belowMicros']);
    expect(ladder([null, 1], [null, 2])).toEqual(['policy.increment.steps[0].belowMicros']);
  });

  test('in a buy-now price below the start price or the reserve', () => {
    expect(paths({ buyNowMicros: units(49) })).toEqual(['policy.buyNowMicros']);
    expect(paths({ buyNowMicros: units(90), reserveMicros: units(91) })).toEqual([
      'policy.buyNowMicros',
    ]);
  });

  test('in times out of order', () => {
    expect(paths({}, { opensAtMs: 100, closesAtMs: 100 })).toEqual(['closesAtMs']);
    expect(paths({}, { opensAtMs: -1, closesAtMs: 0.5 })).toEqual(['opensAtMs', 'closesAtMs']);
  });

  test('in a soft close without an end, with empty spans, or ending before the close', () => {
    const softClose = { windowMs: 1, extendMs: 1, absoluteEndMs: null };
    expect(paths({ softClose })).toEqual(['policy.softClose']);
    expect(
      paths({ softClose: { windowMs: 0, extendMs: 0, absoluteEndMs: 99 } }, { closesAtMs: 100 }),
    ).toEqual([
      'policy.softClose.windowMs',
      'policy.softClose.extendMs',
      'policy.softClose.absoluteEndMs',
    ]);
  });

  test('with every other fault of the same definition', () => {
    expect(paths({ startMicros: ZERO_MICROS, reserveMicros: ZERO_MICROS }, { name: '' })).toEqual([
      'name',
      'policy.startMicros',
      'policy.reserveMicros',
    ]);
  });
});
